import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { createWorkplace } from "./run-segany.js";

const workplace = createWorkplace();
const at = (...parts: string[]) => join(workplace.path, ...parts);
const json = (...parts: string[]) => JSON.parse(readFileSync(at(...parts), "utf8"));

/** Where COCO's writer puts its file. */
const WRITTEN = "annotations/instances_default.json";

/** Rectangles [x, y, width, height] with their classes, on the still life. */
const objects = [
  { box: [100, 50, 200, 300], categoryId: 1 },
  { box: [500, 400, 150, 100], categoryId: 2 },
  { box: [700, 100, 20, 30], categoryId: 2 },
] as const;

/** A COCO set of the still life under two names. */
function writeSet(name: string, fields: object = {}): void {
  mkdirSync(at(name, "images"), { recursive: true });
  const images = [1, 2].map((id) => ({ id, file_name: `${name}-${id}.jpg`, width: 1200, height: 800 }));
  for (const { file_name: fileName } of images) copyFileSync(at("photo.jpg"), at(name, "images", fileName));
  const annotations = images.flatMap(({ id: imageId }) =>
    objects.map(({ box: [x, y, width, height], categoryId }, i) => ({
      id: 10 * imageId + i,
      image_id: imageId,
      category_id: categoryId,
      segmentation: [[x, y, x + width, y, x + width, y + height, x, y + height]],
      bbox: [x, y, width, height],
      area: width * height,
      iscrowd: 0,
      ...fields,
    })),
  );
  const categories = ["cup", "plate"].map((category, i) => ({ id: i + 1, name: category }));
  writeFileSync(at(name, "annotations.json"), JSON.stringify({ images, annotations, categories }));
}

async function dataset(...args: string[]) {
  const { status, stdout, stderr } = await workplace.run("dataset", ...args, "--json");
  expect(stderr, args.join(" ")).toBe("");
  expect(status, args.join(" ")).toBe(0);
  return JSON.parse(stdout);
}

describe("segany dataset", () => {
  beforeEach(() => writeSet("set"));

  it("converts to every format and back without losing a mask", async () => {
    for (const format of ["sa1b", "lvis", "yolo", "voc", "labelme", "png", "labelmap"]) {
      const there = await dataset("convert", "set", format, "--to", format);
      expect(there).toMatchObject({ images: 2, annotations: 6 });
      expect(await dataset("convert", format, `${format}-back`, "--to", "coco")).toMatchObject({
        images: 2,
        annotations: 6,
      });
      const areas = (name: string) =>
        json(name, name === "set" ? "annotations.json" : WRITTEN).annotations.map(
          ({ area }: { area: number }) => area,
        );
      expect(areas(`${format}-back`).sort(), format).toEqual(areas("set").sort());
    }
  });

  it("chooses, changes and joins", async () => {
    expect(await dataset("filter", "set", "cups", "--category", "cup")).toMatchObject({ annotations: 2 });
    expect(await dataset("filter", "set", "large", "--min-area", "10000")).toMatchObject({ annotations: 4 });
    expect(await dataset("sample", "set", "one", "--count", "1")).toMatchObject({
      images: 1,
      annotations: 3,
    });
    const parts = await dataset("split", "set", "parts", "--ratio", "a=1,b=1");
    expect(parts).toMatchObject({ a: { images: 1 }, b: { images: 1 } });
    await dataset("remap", "set", "things", "--map", "cup=thing", "--map", "plate=thing");
    expect(json("things", WRITTEN).categories).toMatchObject([{ name: "thing" }]);
    writeSet("other");
    expect(await dataset("merge", "set", "other", "--output", "both")).toMatchObject({
      images: 4,
      annotations: 12,
    });
  });

  it("splits by groups of images, and says when there are none", async () => {
    const { images, annotations, categories } = json("set", "annotations.json");
    const copies = ["a.rf.1", "a.rf.2", "b.rf.3", "b.rf.4"].map((stem, i) => ({
      ...images[0],
      id: i + 1,
      file_name: `${stem}.jpg`,
      scene: i % 2,
    }));
    writeFileSync(at("set", "annotations.json"), JSON.stringify({ images: copies, annotations, categories }));
    for (const [by, groupOf] of [
      ["*.rf.*", (name: string) => name[0]!],
      ["scene", (name: string) => `${Number(name[5]) % 2}`],
    ] as const) {
      const args = ["split", "set", `by ${by.length}`, "--ratio", "a=1,b=1", "--group-by", by, "--no-images"];
      await dataset(...args, "--to", "sa1b");
      for (const part of ["a", "b"]) {
        const names = readdirSync(at(`by ${by.length}`, part)).filter((name) => name.endsWith(".json"));
        expect(names).toHaveLength(2);
        expect(new Set(names.map(groupOf)).size).toBe(1);
      }
    }
    for (const by of ["*_*", "video_id"]) {
      const { status, stderr } = await workplace.run("dataset", "split", "set", "out", "--group-by", by);
      expect([status, stderr]).toEqual([2, expect.stringContaining("it groups no image of set")]);
    }
  });

  it("counts, shows and cuts masks for inpainting", async () => {
    expect(await dataset("stats", "set", "--html", "stats.html")).toMatchObject({ images: 2, masks: 6 });
    expect(readFileSync(at("stats.html"), "utf8")).toMatch(/^<!doctype html>/i);
    expect(await dataset("view", "set", "pages")).toMatchObject({ images: 2, pages: 1, unreadableFiles: 0 });
    expect(existsSync(at("pages", "index.html"))).toBe(true);
    expect(await dataset("inpaint", "set", "pairs", "--layout", "lama")).toMatchObject({ pairs: 6 });
    expect(
      readdirSync(at("pairs"), { recursive: true }).filter((name) => /_mask\.png$/.test(`${name}`)),
    ).toHaveLength(6);
  });

  it("says how masks are made of boxes, where a format has no place for boxes alone", async () => {
    const { images, categories } = json("set", "annotations.json");
    const annotations = [
      { id: 1, image_id: images[0].id, category_id: categories[0].id, bbox: [5, 5, 9, 9] },
    ];
    writeFileSync(at("set", "annotations.json"), JSON.stringify({ images, categories, annotations }));
    const { status, stderr } = await workplace.run("dataset", "convert", "set", "maps", "--to", "labelmap");
    expect(status).toBe(0);
    expect(stderr).toContain("not representable in labelmap: boxes without a mask (1)");
    expect(stderr).toContain("segany dataset masks-from-boxes");
  });

  it("names file, record and field of what is wrong, with status 1", async () => {
    expect((await workplace.run("dataset", "validate", "set")).status).toBe(0);
    writeSet("wrong", { bbox: [5, 5, 1, 1] });
    const { status, stdout } = await workplace.run("dataset", "validate", "wrong", "--limit", "1");
    expect(status).toBe(1);
    expect(stdout.split("\n")).toEqual([
      'box-mismatch: wrong/annotations.json, annotations 0 (id 10), field "bbox": The box is [5,5,1,1], but the mask\'s is [100,50,200,300].',
      "… and 5 more",
      "coco: 2 images, 6 annotations, 6 problems (box-mismatch 6)",
      "",
    ]);
  });

  it.each([
    [["convert", "nowhere", "out"], 1, "dataset-not-found"],
    [["convert", "set", "set"], 1, "output-exists"],
    [["filter", "set", "out", "--category", "cow"], 2, "option-invalid"],
    [["filter", "set", "out", "--min-area", "9", "--max-area", "3"], 2, "option-invalid"],
    [["convert", "hostile", "out", "--strict"], 1, "name-unsafe"],
    [["convert", "endless", "out", "--strict"], 1, "annotation-invalid"],
  ])("%j ends with status %i and says %s", async (args, expected, code) => {
    mkdirSync(at("hostile", "images"), { recursive: true });
    const images = [{ id: 1, file_name: "../../evil.jpg", width: 9, height: 9 }];
    const file = JSON.stringify({ images, annotations: [], categories: [] });
    writeFileSync(at("hostile", "annotations.json"), file);
    writeSet("endless", { segmentation: [[1, 1, 1e300, 1, 5, 5]] });
    const { status, stderr } = await workplace.run("dataset", ...args);
    expect(stderr).toMatch(new RegExp(`^segany: .+ \\[${code}\\]\n$`));
    expect(status).toBe(expected);
    expect(existsSync(at("..", "evil.jpg"))).toBe(false);
    expect(existsSync(at("out", WRITTEN))).toBe(false);
  });

  it("sets aside what can't be used, says what it was, and goes on", async () => {
    mkdirSync(at("odd", "images"), { recursive: true });
    mkdirSync(at("odd", "labels"));
    writeFileSync(at("odd", "data.yaml"), "names: [{toString: 1}, dog]\n");
    copyFileSync(at("photo.jpg"), at("odd", "images", "good.jpg"));
    writeFileSync(at("odd", "labels", "good.txt"), "1 0.1 0.1 0.9 0.1 0.9 0.9\n9 0 0 1 0 1 1\n");
    writeFileSync(at("odd", "images", "empty.jpg"), "");
    const problems = [
      'odd/data.yaml: name 0 is {"toString":1}, not a text.',
      'The image "odd/images/empty.jpg" is empty (0 bytes); give a complete image file.',
      'odd/labels/good.txt, line 2: the class is "9", but the data set has classes 0 to 1.',
    ];
    for (const verb of [["stats"], ["view", "odd-pages"], ["convert", "odd-coco", "--to", "coco"]]) {
      const [name, ...rest] = verb;
      const { images, setAside } = await dataset(name!, "odd", ...rest);
      expect({ images, setAside }).toEqual({ images: 1, setAside: problems });
    }
    const { stdout, status } = await workplace.run("dataset", "validate", "odd");
    for (const problem of problems) expect(stdout).toContain(problem);
    expect(status).toBe(1);
    const { stderr } = await workplace.run("dataset", "stats", "odd");
    expect(stderr).toContain(`  skipped: ${problems[0]}\n`);
  });
});
