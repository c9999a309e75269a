import { hasMask, type MaskAnnotation, parseSa1b, toSa1b } from "@segany/dataset/formats";
import { exclusiveBox, imagePoint, runsToRle } from "@segany/masks";
import {
  array,
  assert,
  constantFrom,
  double,
  integer,
  option,
  property,
  record,
  string,
  tuple,
  uniqueArray,
  uuid,
} from "fast-check";
import { describe, expect, it } from "vitest";
import { addClasses, type ObjectClass, removeClass } from "../state/classes.js";
import { EMPTY_DOCUMENT, type MaskObject, type MaskShape } from "../state/document.js";
import { addObjects } from "../state/edits.js";
import { startHistory } from "../state/history.js";
import { drawnShape } from "../testing/document-parts.js";
import { toImportedObject, toObject } from "./from-record.js";
import { writeKeptMasks } from "./kept-masks.js";
import { safeFileName, toRecord } from "./to-record.js";

const SHAPES = [drawnShape("#."), drawnShape("##", "##"), drawnShape("####", "#..#", "####")];

function annotationOf({ segmentation, areaPx, boxXywh }: MaskShape): MaskAnnotation {
  return { id: 1, segmentation: runsToRle(segmentation), area: areaPx, bboxXywh: boxXywh, isCrowd: false };
}

function imageWith(objects: readonly MaskObject[], name = "a.jpg") {
  return {
    id: "a",
    name,
    width: 8,
    height: 6,
    thumbnailUrl: "",
    loading: { phase: "ready" },
    history: startHistory({ ...EMPTY_DOCUMENT, objects }),
  } as const;
}

const numbers = double({ noNaN: true, noDefaultInfinity: true, min: -1e6, max: 1e6 }).map(
  (value) => value + 0,
);
const places = tuple(numbers, numbers).map(imagePoint);
const objects = record({
  id: uuid(),
  shape: constantFrom(...SHAPES),
  // An empty name is none.
  name: string({ minLength: 1 }),
  classId: option(uuid()),
  colour: integer({ min: 0, max: 1000 }),
  source: constantFrom("prompt", "everything", "brush", "import"),
  predictedIou: option(numbers),
  stabilityScore: option(numbers),
  points: array(record({ at: places, label: constantFrom(0, 1) })),
  boxXyxy: option(tuple(numbers, numbers, numbers, numbers).map(exclusiveBox)),
}).map(
  ({ shape, points, ...rest }): MaskObject => ({
    ...shape,
    ...rest,
    visible: true,
    locked: false,
    points: points.map((point, i) => ({ id: `point-${i}`, ...point })),
  }),
);

/** All but the ids of points, which are made anew. */
const withoutIds = (list: readonly MaskObject[]) =>
  list.map(({ points, ...rest }) => ({
    ...rest,
    points: points.map(({ at, label }) => ({ at, label })),
  }));

describe("objects in an SA-1B file", () => {
  it("come back with all that is known of them", () => {
    assert(
      property(uniqueArray(objects, { selector: ({ id }) => id }), (list) => {
        const file = JSON.parse(JSON.stringify(writeKeptMasks(imageWith(list), null)));
        const found = parseSa1b(file, "a.json")
          .annotations.filter(hasMask)
          .map((annotation) => toObject(annotation));
        expect(withoutIds(addObjects(EMPTY_DOCUMENT, found).objects)).toEqual(withoutIds(list));
      }),
    );
  });

  it("tell their class by name in files, and none where they have none or it was deleted", () => {
    const classes = addClasses([], ["pear", "box"]);
    const [pear, box] = classes as [ObjectClass, ObjectClass];
    const mask = { ...SHAPES[0]!, source: "prompt" } as const;
    const withClasses = [pear.id, box.id, null].map((classId) => ({ ...mask, classId }));
    const { objects: list } = addObjects(EMPTY_DOCUMENT, withClasses);
    const { annotations } = toRecord(imageWith(list), 1, removeClass(classes, box.id));
    expect(annotations.map(({ extra }) => extra?.class)).toEqual(["pear", null, null]);
    expect(annotations.map(({ extra }) => extra?.class_id)).toEqual([undefined, undefined, undefined]);
    const read = annotations.map((annotation) => toImportedObject(annotation, "object"));
    expect(read.map(({ className }) => className)).toEqual(["object", null, null]);
    expect(toImportedObject(annotations[0]!).className).toBe("pear");
    expect(read.map(({ object }) => object.foreign)).toEqual([undefined, undefined, undefined]);
  });

  it('have points that are on the object as "point_coords", and all clicks as the prompt', () => {
    const at = (x: number, label: 0 | 1) => ({ id: `point-${x}`, at: imagePoint([x, 2]), label });
    const object = { ...SHAPES[0]!, name: "a", colour: 0, source: "prompt", boxXyxy: null } as const;
    const rest = {
      classId: null,
      predictedIou: null,
      stabilityScore: null,
      visible: true,
      locked: false,
    } as const;
    const list = [[at(1, 1), at(2, 0), at(3, 1)], [at(4, 0)]].map((points, i) => ({
      ...object,
      ...rest,
      id: `${i}`,
      points,
    }));
    const { annotations } = JSON.parse(JSON.stringify(toSa1b(toRecord(imageWith(list), 1, []))));
    expect(annotations[0].point_coords).toEqual([
      [1, 2],
      [3, 2],
    ]);
    expect(annotations[0].prompt.points).toEqual([
      [1, 2, 1],
      [2, 2, 0],
      [3, 2, 1],
    ]);
    expect(annotations[1]).not.toHaveProperty("point_coords");
    expect(annotations.map(({ id }: { id: number }) => id)).toEqual([1, 2]);
  });

  it.each([
    { colour: -1 },
    { colour: 1.5 },
    { colour: 1e300 },
    { colour: "red" },
    { class_id: "pear" },
    { class_id: 7 },
    { name: "" },
    { name: 7 },
    { prompt: "none" },
    { prompt: { points: [[1, 2]], box: [1, 2, 3] } },
    { prompt: { points: [[1, 2, 1], "x"], box: null } },
    { prompt: { points: [["1", 2, 1]], box: ["0", 0, 1, 1] } },
    { prompt: { points: [[null, true, 1]], box: [null, true, false, []] } },
    { colour: "3" },
    { colour: true },
    { source: "elsewhere" },
  ])("of others may have any further fields: %j", (extra) => {
    const annotation = { ...annotationOf(SHAPES[0]!), extra };
    expect(addObjects(EMPTY_DOCUMENT, [toObject(annotation)]).objects[0]).toMatchObject({
      ...SHAPES[0],
      name: "Object 1",
      colour: 0,
      source: "import",
      points: [],
      boxXyxy: null,
      foreign: { extra },
    });
  });

  it("of others are measured anew: a wrong area or box would cut out the wrong part", () => {
    const { areaPx, boxXywh } = SHAPES[2]!;
    const wrong = { ...annotationOf(SHAPES[2]!), area: 999, bboxXywh: [-5, 2, 90, 0] } as const;
    expect(toObject(wrong)).toMatchObject({ areaPx, boxXywh });
  });

  it("of others have the class of their list, and their points on the object", () => {
    const mask = annotationOf(SHAPES[0]!);
    const { object, className } = toImportedObject({ ...mask, pointCoords: [[1, 2]] }, "pear");
    expect(object).toMatchObject({ points: [{ at: [1, 2], label: 1 }] });
    expect([className, object.name]).toEqual(["pear", undefined]);
    expect(toImportedObject({ ...mask, extra: { class: 7 } })).toMatchObject({
      className: null,
      object: { foreign: { extra: { class: 7 } } },
    });
  });
});

describe("a file's name", () => {
  it.each([
    ["a/b\\c:d.png", "a_b_c_d.png"],
    ['what?*"<>|.png', "what______.png"],
    ["line\nbreak\u007f.jpg", "line_break_.jpg"],
    ["..", "_"],
    ["", "image"],
    ["Äpfel 🍎.jpg", "Äpfel 🍎.jpg"],
  ])("%j is safe as %j", (name, safe) => expect(safeFileName(name)).toBe(safe));

  it("stays the same when it was safe", () => {
    assert(
      property(string(), (name) => {
        const safe = safeFileName(name);
        expect(safeFileName(safe)).toBe(safe);
      }),
    );
  });

  it("keeps its end when it is too long", () => {
    const safe = safeFileName(`${"a".repeat(500)}.jpg`);
    expect(safe).toMatch(/^a+~[0-9a-f]{8}\.jpg$/);
    expect(safe).toHaveLength(200);
  });
});
