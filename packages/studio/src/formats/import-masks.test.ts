import { runsToRle } from "@segany/masks";
import { describe, expect, it } from "vitest";
import { StudioError } from "../errors.js";
import { drawnShape } from "../testing/document-parts.js";
import { importMasks } from "./import-masks.js";
import { toImportedFile } from "./imported-file.js";

const { segmentation, areaPx, boxXywh } = drawnShape("##", "#");
const IMAGE = { width: 8, height: 6, file_name: "a.jpg" };
const MASK = { id: 1, segmentation: runsToRle(segmentation) };

const sa1b = (annotations: unknown, image: object = { ...IMAGE, image_id: 1 }) => ({ image, annotations });
const coco = (annotations: unknown, rest: object = {}) => ({
  images: [
    { ...IMAGE, id: 1 },
    { ...IMAGE, id: 2, file_name: "b.jpg" },
  ],
  categories: [{ id: 5, name: "pear" }],
  annotations,
  ...rest,
});
const read = (file: unknown) =>
  toImportedFile(importMasks(new TextEncoder().encode(JSON.stringify(file)), "masks.json"));

/** What the user is told. */
function complaintOf(text: string): string {
  try {
    importMasks(new TextEncoder().encode(text), "masks.json");
  } catch (error) {
    if (error instanceof StudioError && error.code === "masks-invalid") return error.message;
    throw error;
  }
  return "nothing";
}

describe("a file of masks", () => {
  it("may be of SA-1B: one image", () => {
    expect(read(sa1b([MASK, { ...MASK, id: 2, class: "box" }]))).toMatchObject({
      images: [
        {
          fileName: "a.jpg",
          width: 8,
          height: 6,
          objects: [
            { object: { segmentation, areaPx, boxXywh, source: "import" }, className: null },
            { className: "box" },
          ],
        },
      ],
      classNames: ["box"],
    });
  });

  it("may be of COCO: masks go to their images and have its classes, in its order", () => {
    const categories = [
      { id: 9, name: "unused" },
      { id: 5, name: "pear" },
    ];
    const { images, classNames } = read(
      coco(
        [
          { ...MASK, image_id: 2, category_id: 5 },
          { ...MASK, id: 2, image_id: 1 },
          { id: 3, image_id: 2, category_id: 5, segmentation: [[0, 0, 4, 0, 4, 3, 0, 3]] },
        ],
        { categories },
      ),
    );
    const [first, second] = images;
    expect(first).toMatchObject({
      fileName: "a.jpg",
      objects: [{ object: { segmentation }, className: null }],
    });
    expect(second).toMatchObject({
      fileName: "b.jpg",
      objects: [{ className: "pear" }, { className: "pear", object: { areaPx: 12 } }],
    });
    expect(second!.objects[0]!.object.name).toBeUndefined();
    expect(classNames).toEqual(["unused", "pear"]);
  });

  it("may be the studio's own, whose objects without a class have one only in COCO", () => {
    const own = coco(
      [
        { ...MASK, image_id: 1, category_id: 5, class: "pear" },
        { ...MASK, id: 2, image_id: 1, category_id: 6, class: null },
      ],
      {
        categories: [
          { id: 5, name: "pear" },
          { id: 6, name: "object" },
        ],
      },
    );
    const { images, classNames } = read(own);
    expect(images[0]!.objects.map(({ className }) => className)).toEqual(["pear", null]);
    expect(classNames).toEqual(["pear"]);
  });

  it("may have no mask", () => {
    expect(read(sa1b([])).images).toMatchObject([{ objects: [] }]);
    expect(read(coco(undefined))).toMatchObject({
      images: [{ objects: [] }, { objects: [] }],
      classNames: ["pear"],
    });
  });
});

describe("a part that can't be used is left out, counted and named", () => {
  const remarksOf = (file: unknown) =>
    importMasks(new TextEncoder().encode(JSON.stringify(file)), "masks.json").remarks;
  const good = { ...MASK, image_id: 1, category_id: 5 };
  const areasOf = (file: unknown) =>
    read(file).images.map(({ objects }) => objects.map(({ object }) => object.areaPx));

  it.each([
    ["an outline with a word in it", { segmentation: [[0, 0, "4", 0, 4, 4]] }, /not a list of numbers/],
    ["runs of another image", { segmentation: { size: [60, 80], counts: "0" } }, /is not the image's/],
    ["an image that is not in the file", { image_id: 9 }, /of no image in the file/],
    ["an id that is a truth", { id: true }, /"id" is true/],
    ["no mask and no box", { segmentation: undefined }, /annotation 0/],
  ])("an annotation of COCO with %s", (_, wrong, reason) => {
    const file = coco([
      { ...good, ...wrong },
      { ...good, id: 2 },
    ]);
    expect(areasOf(file)).toEqual([[areaPx], []]);
    expect(remarksOf(file)).toEqual([
      expect.stringMatching(/^1 left out, the first because: masks\.json: annotation 0/),
    ]);
    expect(remarksOf(file)[0]).toMatch(reason);
  });

  it("an annotation that is no object, an image without a size, a class without a name", () => {
    const file = coco([null, good, { ...good, id: 2, image_id: 2 }], {
      images: [
        { ...IMAGE, id: 1 },
        { id: 2, file_name: "b.jpg" },
      ],
      categories: [{ id: 4 }, { id: 5, name: "pear" }],
    });
    expect(areasOf(file)).toEqual([[areaPx]]);
    expect(read(file).classNames).toEqual(["pear"]);
    expect(remarksOf(file)).toEqual([expect.stringMatching(/^4 left out, the first because: .*category 0/)]);
  });

  it("a mask of SA-1B, and a part of an outline without area", () => {
    const file = sa1b([7, MASK]);
    expect(areasOf(file)).toEqual([[areaPx]]);
    expect(remarksOf(file)).toEqual([expect.stringMatching(/^1 left out, .*masks\.json: annotation 0/)]);
    const segmentation = [
      [0, 0, 4, 0, 4, 3, 0, 3],
      [1, 1, 2, 2],
    ];
    const parts = coco([{ ...good, segmentation }]);
    expect(areasOf(parts)).toEqual([[12], []]);
    expect(remarksOf(parts)).toEqual(["Left out: parts of outlines with less than 3 corners (1)."]);
  });
});

describe("what is wrong with a file is said, with the file's name", () => {
  it.each([
    ["no JSON", "{", /masks\.json.*not valid JSON/],
    ["nothing", "", /masks\.json.*not valid JSON/],
    ["a value nested without end", "[".repeat(9999) + "]".repeat(9999), /deeper than 64 levels/],
    [
      "a field of one's own nested deeper than stacks go",
      `{"image":{"image_id":1,"width":8,"height":6,"file_name":"a.jpg"},"annotations":[{"id":${"[".repeat(5000)}${"]".repeat(5000)}}]}`,
      /deeper than 64 levels/,
    ],
    [
      "few bytes of runs that claim a gigapixel",
      JSON.stringify(sa1b([{ ...MASK, segmentation: { size: [32_768, 32_768], counts: [2 ** 30] } }])),
      /annotation 0.*is not the image's/,
    ],
    ["a list", "[]", /masks\.json/],
    ["a word", '"masks"', /masks\.json/],
    ["another kind of JSON", '{"a":1}', /masks\.json/],
    ["masks that are no list", JSON.stringify(sa1b({})), /masks\.json.*annotations/],
    ["a mask that is no object", JSON.stringify(sa1b([7])), /masks\.json.*annotation 0/],
    [
      "an image without a size",
      JSON.stringify(sa1b([MASK], { file_name: "a.jpg", image_id: 1 })),
      /width|height/,
    ],
    [
      "a mask of another size",
      JSON.stringify(sa1b([{ ...MASK, segmentation: { size: [60, 80], counts: "0" } }])),
      /annotation 0/,
    ],
    [
      "runs that are too long",
      JSON.stringify(sa1b([{ ...MASK, segmentation: { size: [6, 8], counts: [0, 1e9] } }])),
      /annotation 0/,
    ],
    [
      "runs that are noise",
      JSON.stringify(sa1b([{ ...MASK, segmentation: { size: [6, 8], counts: "\u0001\uffff" } }])),
      /annotation 0/,
    ],
    [
      "a width in words",
      JSON.stringify(sa1b([MASK], { ...IMAGE, image_id: 1, width: "eight" })),
      /"width" is "eight"/,
    ],
    ["a number that is true", JSON.stringify(sa1b([{ ...MASK, id: true }])), /"id" is true/],
    ["an image's number in words", JSON.stringify(coco([{ ...MASK, image_id: "1" }])), /of no image/],
    [
      "corners in words",
      JSON.stringify(coco([{ ...MASK, image_id: 1, segmentation: [[0, 0, "4", 0, 4, 4]] }])),
      /not a list of numbers/,
    ],
    ["a mask of no image", JSON.stringify(coco([{ ...MASK, image_id: 9 }])), /annotation 0.*no image/],
    [
      "corners that are no numbers",
      JSON.stringify(coco([{ id: 1, image_id: 1, segmentation: [[0, 0, "x", 0, 4, 3]] }])),
      /annotation 0/,
    ],
    ["images that are no objects", JSON.stringify(coco([], { images: [null] })), /masks\.json/],
    ["a class without a name", JSON.stringify(coco([], { categories: [{ id: 1 }] })), /category 0.*name/],
    [
      "a path as a file's name",
      JSON.stringify(sa1b([MASK], { ...IMAGE, image_id: 1, file_name: "../../etc/passwd" })),
      /\.\.\//,
    ],
  ])("%s", (_, text, complaint) => {
    const told = complaintOf(text);
    expect(told).toMatch(complaint);
    expect(told).toContain("masks.json");
  });
});
