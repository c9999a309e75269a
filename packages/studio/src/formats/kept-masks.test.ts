import { runsToRle } from "@segany/masks";
import type { KeptMasksFrame } from "@segany/server/contract";
import {
  array,
  assert,
  constantFrom,
  dictionary,
  integer,
  jsonValue,
  oneof,
  option,
  property,
  record,
  string,
  tuple,
  uuid,
} from "fast-check";
import { describe, expect, it } from "vitest";
import { createStudioStore } from "../state/create-store.js";
import { EMPTY_DOCUMENT, type MaskObject } from "../state/document.js";
import { paintDraft } from "../state/draft-edits.js";
import { addObjects, editObject, keepDraft, removeObjects, updateObject } from "../state/edits.js";
import { startHistory } from "../state/history.js";
import { DEFAULT_PREFERENCES } from "../state/initial-state.js";
import type { GalleryImage } from "../state/types.js";
import { drawnShape } from "../testing/document-parts.js";
import { readKeptMasks, writeKeptMasks } from "./kept-masks.js";

const SHAPES = [drawnShape("#."), drawnShape("##", "##"), drawnShape("####", "#..#", "####")];
const IMAGE_ID = "a".repeat(64);
const IMAGE = { image_id: 1, width: 8, height: 6, file_name: "a.png" };
const mask = (id: number, rest: object = {}) => ({
  id,
  segmentation: runsToRle(SHAPES[0]!.segmentation),
  ...rest,
});

function documentOf(annotations: readonly object[], rest: object = {}): KeptMasksFrame {
  return { image: IMAGE, annotations: [...annotations], ...rest };
}

function imageOf(objects: readonly MaskObject[]): GalleryImage {
  return {
    id: IMAGE_ID,
    name: "p.png",
    width: 8,
    height: 6,
    thumbnailUrl: "",
    loading: { phase: "ready" },
    history: startHistory({ ...EMPTY_DOCUMENT, objects }),
  };
}

/** Reads a document into a studio, which the test works with, and writes what is then there. */
function roundTrip(document: KeptMasksFrame, work: (store: ReturnType<typeof createStudioStore>) => void) {
  const store = createStudioStore(DEFAULT_PREFERENCES);
  const objects = readKeptMasks(document, IMAGE_ID);
  store.set(() => ({ images: [imageOf(objects)], openImageId: IMAGE_ID }));
  work(store);
  const { annotations: _, ...frame } = document;
  return JSON.parse(JSON.stringify(writeKeptMasks(store.getState().images[0]!, frame)));
}

/** Fields that the studio has no use for, some with names that are easily stumbled on. */
const KNOWN = [
  "id",
  "uuid",
  "segmentation",
  "area",
  "bbox",
  "name",
  "colour",
  "source",
  "prompt",
  "predicted_iou",
  "point_coords",
  "stability_score",
  "crop_box",
];
const foreignNames = oneof(
  constantFrom(
    "category_id",
    "iscrowd",
    "image_id",
    "score",
    "toString",
    "constructor",
    "valueOf",
    "visible",
    "locked",
    "foreign",
    "extra",
    "number",
  ),
  string({ maxLength: 6 }),
).filter((name) => !KNOWN.includes(name) && name !== "__proto__");
const plainJson = jsonValue({ maxDepth: 3 }).map((value) => JSON.parse(JSON.stringify(value)));
const foreignFields = dictionary(foreignNames, plainJson, { maxKeys: 4, noNullPrototype: true });

/** What a user may do to the first object, step by step. */
const step = constantFrom(
  "rename",
  "paint",
  "colour",
  "hide",
  "lock",
  "undo",
  "redo",
  "add",
  "delete the last",
);
type Step = "rename" | "paint" | "colour" | "hide" | "lock" | "undo" | "redo" | "add" | "delete the last";

function perform(store: ReturnType<typeof createStudioStore>, what: Step, i: number): void {
  const { objects } = store.getState().images[0]!.history.present;
  const first = objects[0]!.id;
  if (what === "undo" || what === "redo") {
    store[what]();
    return;
  }
  store.edit(what, (document) => {
    switch (what) {
      case "rename":
        return updateObject(document, first, { name: `Name ${i}` });
      case "colour":
        return updateObject(document, first, { colour: i });
      case "hide":
        return updateObject(document, first, { visible: false });
      case "lock":
        return updateObject(document, first, { locked: i % 2 === 0 });
      case "paint":
        return keepDraft(paintDraft(editObject(document, first), SHAPES[i % 3]!));
      case "add":
        return addObjects(document, [{ ...SHAPES[2]!, source: "brush" }]);
      case "delete the last":
        return objects.length > 1 ? removeObjects(document, [objects.at(-1)!.id]) : document;
    }
  });
}

describe("fields of others", () => {
  it("come back from every object that is still there, and from image and document, whatever the user does", () => {
    const annotations = array(record({ rest: foreignFields, uuid: option(uuid(), { nil: undefined }) }), {
      minLength: 1,
      maxLength: 4,
    });
    const documentFields = dictionary(
      foreignNames.filter((name) => name !== "image" && name !== "annotations"),
      plainJson,
      { maxKeys: 3, noNullPrototype: true },
    );
    assert(
      property(
        annotations,
        foreignFields,
        documentFields,
        array(step, { maxLength: 8 }),
        (list, ofImage, ofDocument, steps) => {
          const image = { ...ofImage, ...IMAGE };
          const document = JSON.parse(
            JSON.stringify({
              ...ofDocument,
              image,
              annotations: list.map(({ rest, uuid: own }, i) => mask(i + 5, { ...rest, uuid: own })),
            }),
          );
          const written = roundTrip(document, (store) => {
            for (const [i, what] of steps.entries()) perform(store, what, i);
          });
          const { annotations: masks, ...frame } = written;
          expect(frame).toEqual({ ...ofDocument, image });
          const ids = readKeptMasks(document, IMAGE_ID).map(({ id }) => id);
          for (const [i, { rest }] of list.entries()) {
            const found = masks.find(({ uuid: own }: { uuid: string }) => own === ids[i]);
            if (i === 0 || found) expect(found).toMatchObject({ ...rest, id: i + 5 });
          }
          expect(new Set(masks.map(({ id }: { id: number }) => id)).size).toBe(masks.length);
          expect(new Set(masks.map(({ uuid: own }: { uuid: string }) => own)).size).toBe(masks.length);
        },
      ),
    );
  });

  it("are also values in the studio's own fields that it does not understand, until the user changes them", () => {
    const own = {
      name: { en: "pear" },
      colour: "red",
      source: "gold",
      prompt: { points: [[1, 2, 1]], text: "pear" },
    };
    const document = documentOf([mask(1, { ...own, crop_box: [0, 0, 8, 6] })]);
    const nothing = roundTrip(document, () => undefined).annotations[0];
    expect(nothing).toMatchObject({ ...own, crop_box: [0, 0, 8, 6] });
    const renamed = roundTrip(document, (store) => perform(store, "rename", 1)).annotations[0];
    expect(renamed).toMatchObject({ ...own, name: "Name 1" });
    const painted = roundTrip(document, (store) => perform(store, "paint", 1)).annotations[0];
    expect(painted).toMatchObject({ ...own, source: "brush", prompt: { points: [[1, 2, 1]], box: null } });
    expect(painted.prompt).not.toHaveProperty("text");
    const undone = roundTrip(document, (store) => {
      perform(store, "rename", 1);
      perform(store, "paint", 1);
      store.undo();
      store.undo();
    });
    expect(undone.annotations[0]).toEqual(nothing);
  });

  it("of a document that is the first are none", () => {
    const written = writeKeptMasks(imageOf([]), null);
    expect(written).toEqual({ image: { ...IMAGE, file_name: "p.png" }, annotations: [] });
  });
});

describe("UUIDs", () => {
  const idsOf = (document: KeptMasksFrame, imageId = IMAGE_ID) =>
    readKeptMasks(document, imageId).map(({ id }) => id);

  it("survive, and objects without get the same in every page", () => {
    const own = "0B0E7D2C-6F5A-4C3B-9D1E-2F3A4B5C6D7E";
    const document = documentOf([mask(1, { uuid: own }), mask(2), mask(3)]);
    const ids = idsOf(document);
    expect(ids[0]).toBe(own.toLowerCase());
    expect(idsOf(document)).toEqual(ids);
    expect(idsOf(document, "b".repeat(64)).slice(1)).not.toEqual(ids.slice(1));
    const turned = documentOf([...document.annotations].reverse() as object[]);
    expect(idsOf(turned)).toEqual([...ids].reverse());
    const written = roundTrip(document, (store) => perform(store, "add", 1));
    expect(written.annotations.map(({ uuid: each }: { uuid: string }) => each).slice(0, 3)).toEqual(ids);
    expect(idsOf(written).slice(0, 3)).toEqual(ids);
  });

  it("are one for each object, whatever the document says", () => {
    const made = idsOf(documentOf([mask(1)]))[0]!;
    const known = "0b0e7d2c-6f5a-4c3b-9d1e-2f3a4b5c6d7e";
    const anyUuid = constantFrom<unknown>(known, known.toUpperCase(), made, "pear", 7, null, undefined);
    assert(
      property(array(tuple(integer({ min: 1, max: 3 }), anyUuid), { maxLength: 8 }), (list) => {
        const document = documentOf(list.map(([number, each]) => mask(number, { uuid: each })));
        const ids = idsOf(document);
        expect(new Set(ids).size).toBe(list.length);
        expect(idsOf(document)).toEqual(ids);
        const spelled = list.map(([, each]) => String(each).toLowerCase());
        for (const which of [known, made])
          if (spelled.includes(which)) expect(ids[spelled.indexOf(which)]).toBe(which);
      }),
    );
  });
});

describe("numbers of annotations", () => {
  it("stay, and new objects get the next ones", () => {
    const written = roundTrip(documentOf([mask(7), mask(0), mask(7)]), (store) => perform(store, "add", 1));
    expect(written.annotations.map(({ id }: { id: number }) => id)).toEqual([7, 0, 8, 9]);
  });

  it("are whole even after the largest", () => {
    const written = roundTrip(documentOf([mask(Number.MAX_SAFE_INTEGER), mask(1)]), (store) =>
      perform(store, "add", 1),
    );
    expect(written.annotations.map(({ id }: { id: number }) => id)).toEqual([Number.MAX_SAFE_INTEGER, 1, 2]);
  });
});

it("objects that are read again have the names and colours that the page gave them", () => {
  const known = readKeptMasks(documentOf([mask(1), mask(2)]), IMAGE_ID);
  const again = readKeptMasks(documentOf([mask(3), mask(2), mask(1, { name: "Pear" })]), IMAGE_ID, known);
  expect(again.map(({ name }) => name)).toEqual(["Object 1", "Object 2", "Pear"]);
  expect(again[1]!.colour).toBe(1);
});
