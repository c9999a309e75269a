import { runsToRle } from "@segany/masks";
import { describe, expect, it } from "vitest";
import { StudioError } from "../errors.js";
import { drawnShape } from "../testing/document-parts.js";
import { importMasks } from "./import-masks.js";

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
const read = (file: unknown) => importMasks(JSON.stringify(file), "masks.json");

/** What the user is told. */
function complaintOf(text: string): string {
  try {
    importMasks(text, "masks.json");
  } catch (error) {
    if (error instanceof StudioError && error.code === "masks-invalid") return error.message;
    throw error;
  }
  return "nothing";
}

describe("a file of masks", () => {
  it("may be of SA-1B: one image", () => {
    expect(read(sa1b([MASK]))).toMatchObject([
      {
        fileName: "a.jpg",
        width: 8,
        height: 6,
        objects: [{ segmentation, areaPx, boxXywh, source: "import" }],
      },
    ]);
  });

  it("may be of COCO: masks go to their images and are named after their classes", () => {
    const [first, second] = read(
      coco([
        { ...MASK, image_id: 2, category_id: 5 },
        { ...MASK, id: 2, image_id: 1 },
        { id: 3, image_id: 2, category_id: 5, segmentation: [[0, 0, 4, 0, 4, 3, 0, 3]] },
      ]),
    );
    expect(first).toMatchObject({ fileName: "a.jpg", objects: [{ segmentation }] });
    expect(first!.objects[0]!.name).toBeUndefined();
    expect(second).toMatchObject({
      fileName: "b.jpg",
      objects: [{ name: "pear" }, { name: "pear", areaPx: 12 }],
    });
  });

  it("may have no mask", () => {
    expect(read(sa1b([]))).toMatchObject([{ objects: [] }]);
    expect(read(coco(undefined))).toMatchObject([{ objects: [] }, { objects: [] }]);
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
      JSON.stringify(sa1b([MASK], { ...IMAGE, image_id: 1, width: "8" })),
      /"width" is "8"/,
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
