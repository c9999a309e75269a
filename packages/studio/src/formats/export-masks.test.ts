import { decode } from "fast-png";
import { strFromU8, strToU8, unzipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { addClasses } from "../state/classes.js";
import { EMPTY_DOCUMENT } from "../state/document.js";
import { addObjects, updateObjects } from "../state/edits.js";
import { startHistory } from "../state/history.js";
import type { ExportedFile } from "../studio.js";
import { drawnShape } from "../testing/document-parts.js";
import { exportMasks } from "./export-masks.js";

/** An image with one mask for each name. */
function imageWith(name: string, ...objects: readonly string[]) {
  const masks = objects.map((object) => ({ ...drawnShape("##"), name: object, source: "prompt" as const }));
  return {
    id: name,
    name,
    width: 8,
    height: 6,
    thumbnailUrl: "",
    loading: { phase: "ready" },
    history: startHistory(addObjects(EMPTY_DOCUMENT, masks)),
  } as const;
}

/** What is in an exported file: its own text, or those of a zip by name. */
async function partsOf({ name, blob }: ExportedFile): Promise<Record<string, string>> {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  const files = name.endsWith(".zip") ? unzipSync(bytes) : { [name]: bytes };
  return Object.fromEntries(Object.entries(files).map(([path, data]) => [path, strFromU8(data, true)]));
}

/** The grey values of a PNG, and how many bits they have. */
function greyOf(text: string): { readonly depth: number; readonly values: number[] } {
  const { depth, data } = decode(strToU8(text, true));
  return { depth, values: [...data.slice(0, 2)] };
}

describe("the data-set formats", () => {
  it("give SA-1B's JSON as it is for one image, and in a zip for several", async () => {
    const images = [imageWith("a.jpg", "pear"), imageWith("A.png", "Object 1")];
    const one = await exportMasks("sa1b", images.slice(0, 1), []);
    expect(one.name).toBe("a.json");
    const { image, annotations } = JSON.parse((await partsOf(one))["a.json"]!);
    expect(image).toEqual({ image_id: 1, width: 8, height: 6, file_name: "a.jpg" });
    expect(annotations).toMatchObject([{ id: 1, area: 2, name: "pear" }]);
    const all = await exportMasks("sa1b", images, []);
    expect(all.name).toBe("sa1b.zip");
    expect(Object.keys(await partsOf(all))).toEqual(["a.json", "2-A.json"]);
  });

  it("give a PNG a mask with the table of the data-set package, classes of named objects in it", async () => {
    const files = await exportMasks("png-masks", [imageWith("a.jpg", 'a "b", c', "Object 2")], []);
    expect(files.name).toBe("masks.zip");
    const { "masks/a/metadata.csv": table, ...masks } = await partsOf(files);
    expect(Object.keys(masks)).toEqual(["masks/a/0.png", "masks/a/1.png"]);
    expect(greyOf(masks["masks/a/0.png"]!)).toEqual({ depth: 8, values: [255, 255] });
    expect(table!.trimEnd().split("\n").slice(1)).toEqual([
      '0,2,0,0,2,1,,,,,,,,,1,"a ""b"", c",0,,',
      "1,2,0,0,2,1,,,,,,,,,2,object,0,,",
    ]);
  });

  it.each([
    [
      "yolo",
      {
        "labels/a.txt": /^0 0\.25 0 [^\n]*\n1 /,
        "labels/b.txt": /^1 /,
        "data.yaml": /- "?pear"?\n\s+- "?object/,
      },
    ],
    [
      "labelme",
      { "a.json": /"label":\s*"pear"/, "b.json": /"label":\s*"object"/, "labels.txt": /^pear\nobject\n$/ },
    ],
    [
      "voc",
      {
        "SegmentationClass/a.png": /PNG/,
        "SegmentationObject/b.png": /PNG/,
        "Annotations/a.xml": /<name>pear<\/name>/,
        "Annotations/b.xml": /<name>object<\/name>/,
        "class_names.txt": /pear\nobject/,
      },
    ],
    ["cvat", { "annotations.xml": /name="a\.jpg".*label="pear".*name="b\.jpg".*label="object"/s }],
  ] as const)("give the files of %s, with the classes", async (format, expected) => {
    const images = [imageWith("a.jpg", "pear", "Object 1"), imageWith("b.jpg", "Object 1")];
    const file = await exportMasks(format, images, []);
    expect(file.name).toBe(`${format}.zip`);
    const parts = await partsOf(file);
    for (const [name, content] of Object.entries(expected)) expect(parts[name], name).toMatch(content);
  });

  it("tell what they have no place for", async () => {
    const images = [imageWith("a.jpg", "pear")];
    for (const format of ["sa1b", "coco"] as const)
      expect((await exportMasks(format, images, [])).losses).toEqual([]);
    for (const format of ["yolo", "voc", "cvat", "labelme", "png-masks"] as const)
      expect((await exportMasks(format, images, [])).losses).toEqual(["further fields of annotations (1)"]);
    expect((await exportMasks("label-map", images, [])).losses).toEqual([
      "further fields of annotations (1)",
      "classes of annotations, with their names (1)",
    ]);
  });

  it("give a label map an image, of as many bits as it needs", async () => {
    const many = Array.from({ length: 300 }, (_, i) => `${i}`);
    const files = await exportMasks("label-map", [imageWith("a.jpg", "x"), imageWith("b.jpg", ...many)], []);
    expect(files.name).toBe("label-maps.zip");
    const parts = await partsOf(files);
    expect(Object.keys(parts)).toEqual(["masks/a.png", "masks/b.png"]);
    expect(greyOf(parts["masks/a.png"]!)).toEqual({ depth: 8, values: [1, 1] });
    expect(greyOf(parts["masks/b.png"]!)).toEqual({ depth: 16, values: [300, 300] });
  });
});

describe("the list of classes", () => {
  const classes = addClasses([], ["unused", "pear", "object"]);
  const imageOf = () => {
    const image = imageWith("a.jpg", "Anna", "Object 2", "Emma");
    const { present } = image.history;
    const [first, second] = present.objects.map(({ id }) => id);
    const given = updateObjects(present, [first!, second!], { classId: classes[1]!.id });
    return { ...image, history: startHistory(given) };
  };

  it("is in COCO in its order, with what has no class behind it", async () => {
    const { blob } = await exportMasks("coco", [imageOf()], classes);
    const { annotations, categories } = JSON.parse(await blob.text());
    expect(categories.map((each: Record<string, unknown>) => [each.id, each.name])).toEqual([
      [1, "unused"],
      [2, "pear"],
      [3, "object"],
      [4, "Emma"],
    ]);
    expect(annotations.map((each: Record<string, number>) => each.category_id)).toEqual([2, 2, 4]);
    expect(annotations.map((each: Record<string, unknown>) => [each.name, each.class])).toEqual([
      ["Anna", "pear"],
      ["Object 2", "pear"],
      ["Emma", null],
    ]);
  });

  it.each([
    ["yolo", "data.yaml", /unused.*pear.*object.*Emma/s],
    ["labelme", "labels.txt", /unused\npear\nobject\nEmma/],
    ["voc", "class_names.txt", /unused\npear\nobject\nEmma/],
    ["voc", "labelmap.txt", /unused:.*pear:.*object:.*Emma:/s],
    ["cvat", "annotations.xml", /<name>unused<.*<name>pear<.*<name>object<.*<name>Emma</s],
  ] as const)("is in %s: %s", async (format, file, expected) => {
    const parts = await partsOf(await exportMasks(format, [imageOf()], classes));
    expect(parts[file]).toMatch(expected);
    if (format === "yolo") expect(parts["labels/a.txt"]).toMatch(/^1 .*\n1 .*\n3 /);
  });
});

describe("COCO's one file of many images", () => {
  it("numbers its annotations through, and has one category for each name", async () => {
    const gallery = [imageWith("a.jpg", "pear", "apple"), imageWith("b.jpg", "pear"), imageWith("c.jpg")];
    const { name, blob } = await exportMasks("coco", gallery, []);
    expect(name).toBe("instances_default.json");
    const { images: written, annotations, categories } = JSON.parse(await blob.text());
    expect(written).toMatchObject([
      { id: 1, file_name: "a.jpg" },
      { id: 2, file_name: "b.jpg" },
      { id: 3, file_name: "c.jpg" },
    ]);
    const numbers = ["id", "image_id", "category_id"];
    expect(annotations.map((each: Record<string, number>) => numbers.map((key) => each[key]))).toEqual([
      [1, 1, 1],
      [2, 1, 2],
      [3, 2, 1],
    ]);
    expect(categories).toMatchObject([
      { id: 1, name: "pear" },
      { id: 2, name: "apple" },
    ]);
  });

  it('puts objects without a name into the class "object", also where a user has named one so', async () => {
    const { blob } = await exportMasks("coco", [imageWith("a.jpg", "Object 1", "pear", "object")], []);
    const { annotations, categories } = JSON.parse(await blob.text());
    expect(categories).toEqual([
      { id: 1, name: "object" },
      { id: 2, name: "pear" },
    ]);
    expect(annotations.map((each: Record<string, number>) => each.category_id)).toEqual([1, 2, 1]);
  });

  it("is not written without a mask", async () => {
    await expect(exportMasks("coco", [imageWith("c.jpg")], [])).rejects.toMatchObject({
      code: "nothing-to-export",
    });
  });
});
