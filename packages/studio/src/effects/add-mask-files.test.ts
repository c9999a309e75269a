import { sameRuns } from "@segany/masks";
import { unzipSync, zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { exportMasks } from "../formats/export-masks.js";
import { isMaskFile } from "../formats/unpack-files.js";
import { addClasses } from "../state/classes.js";
import { createStudioStore } from "../state/create-store.js";
import { EMPTY_DOCUMENT } from "../state/document.js";
import { addObjects } from "../state/edits.js";
import { startHistory } from "../state/history.js";
import { DEFAULT_PREFERENCES } from "../state/initial-state.js";
import { classList, classOfObject } from "../state/selectors.js";
import type { GalleryImage } from "../state/types.js";
import { drawnShape } from "../testing/document-parts.js";
import { addMaskFiles } from "./add-mask-files.js";

const RING = drawnShape("###", "#.#", "###");
const PARTS = drawnShape("....##", "....##", "", "......##");
const text = (content: string) => new TextEncoder().encode(content);

/** Images of 8 x 6 pixels without objects, and what becomes of them. */
function openStore(...names: readonly string[]) {
  const store = createStudioStore(DEFAULT_PREFERENCES);
  const images = names.map((name): GalleryImage => {
    const loading = { phase: "ready" } as const;
    const size = { width: 8, height: 6 };
    return { id: name, name, ...size, thumbnailUrl: "", loading, history: startHistory(EMPTY_DOCUMENT) };
  });
  store.set(() => ({ images, openImageId: names[0]! }));
  const objectsOf = (i: number) => store.getState().images[i]!.history.present.objects;
  return {
    store,
    objectsOf,
    classesOf: (i: number) => objectsOf(i).map((each) => classOfObject(store.getState(), each)?.name),
    classNames: () => classList(store.getState()).map(({ name }) => name),
    said: () => store.getState().notices.map(({ text: each }) => each),
  };
}

/** A zip as the page exports it: two objects of two classes in one image, one in another. */
async function exported(format: "yolo" | "labelme" | "voc" | "cvat"): Promise<File> {
  const classes = addClasses([], ["unused", "pear", "box"]);
  const { store } = openStore("a.jpg", "b.jpg");
  const object = (shape: typeof RING, i: number) =>
    ({ ...shape, source: "prompt", classId: classes[i]!.id }) as const;
  store.editImage("a.jpg", "Add", (document) => addObjects(document, [object(RING, 2), object(PARTS, 1)]));
  store.editImage("b.jpg", "Add", (document) => addObjects(document, [object(RING, 1)]));
  const { name, blob } = await exportMasks(format, store.getState().images, classes);
  return new File([blob], name);
}

/** What a zip holds, as a folder that was dropped. */
async function unpacked(zip: File): Promise<readonly File[]> {
  const entries = Object.entries(unzipSync(new Uint8Array(await zip.arrayBuffer())));
  return entries.map(([path, bytes]) => {
    const file = new File([bytes as Uint8Array<ArrayBuffer>], path.split("/").at(-1)!);
    return Object.defineProperty(file, "webkitRelativePath", { value: `dropped/${path}` });
  });
}

describe.each(["yolo", "labelme", "voc", "cvat"] as const)("a set of %s", (format) => {
  it.each([
    ["a zip", async (zip: File) => [zip]],
    ["a folder", unpacked],
  ])("comes back as %s with its masks, and with its classes in their order", async (_form, filesOf) => {
    const { store, objectsOf, classesOf, classNames } = openStore("b.jpg", "a.jpg");
    const files = await filesOf(await exported(format));
    expect(files.filter((file) => !isMaskFile(file))).toEqual([]);
    expect(await addMaskFiles(store, files)).toEqual([]);
    expect(classNames()).toEqual(["unused", "pear", "box"]);
    expect([classesOf(0), classesOf(1).toSorted()]).toEqual([["pear"], ["box", "pear"]]);
    const ring = objectsOf(1).find((_, i) => classesOf(1)[i] === "box")!;
    const parts = objectsOf(1).find((_, i) => classesOf(1)[i] === "pear")!;
    expect(sameRuns(ring.segmentation, RING.segmentation)).toBe(true);
    expect(sameRuns(parts.segmentation, PARTS.segmentation)).toBe(true);
  });
});

describe("files of masks", () => {
  const labelme = (shapes: readonly object[]) =>
    JSON.stringify({ version: "5", shapes, imagePath: "C:\\x\\a.jpg", imageWidth: 8, imageHeight: 6 });
  const square = [
    [1, 1],
    [3, 1],
    [3, 3],
    [1, 3],
  ];

  it("of several formats are each read as what they are", async () => {
    const { store, classesOf, said } = openStore("a.jpg");
    const sa1b = { image: { image_id: 1, width: 8, height: 6, file_name: "a.jpg" }, annotations: [] };
    const failures = await addMaskFiles(store, [
      new File(
        [
          labelme([
            { label: "pear", points: square },
            { label: "x", shape_type: "line", points: [] },
          ]),
        ],
        "a.json",
      ),
      new File([JSON.stringify(sa1b)], "b.json"),
      new File(["names: [cup]"], "data.yaml"),
      new File(["0 0.25 0.25 0.75 0.25 0.75 0.75\n0 nonsense\n"], "a.txt"),
      new File(["0 0.25 0.25 0.75 0.25 0.75 0.75"], "elsewhere.txt"),
      new File(["About this set"], "README.txt"),
      new File(
        [
          "<annotation><filename>a.jpg</filename><size><width>8</width><height>6</height></size><object><name>box</name><bndbox><xmin>1</xmin><ymin>1</ymin><xmax>3</xmax><ymax>3</ymax></bndbox></object></annotation>",
        ],
        "a.xml",
      ),
    ]);
    expect(failures).toEqual([]);
    expect(classesOf(0).toSorted()).toEqual(["cup", "pear"]);
    const all = said().join("\n");
    expect(all).toContain("0 objects imported from b.json.");
    expect(all).toMatch(/1 object imported from a\.json\..*Left out: lines, which have no area \(1\)\./);
    expect(all).toMatch(
      /1 object imported from \d files of YOLO\..*1 left out, the first because: a\.txt, line 2/,
    );
    expect(all).toContain("1 of its files are of images that are not open here.");
    expect(all).toMatch(/0 objects imported from a\.xml\. 1 annotation left out: a box without a mask\./);
  });

  it("that can't be used are named, and the others are read", async () => {
    const { store, classesOf } = openStore("a.jpg");
    const failures = await addMaskFiles(store, [
      new File(["<annotations><image"], "broken.xml"),
      new File(["0 0.25 0.25 0.75 0.25 0.75 0.75"], "a.txt"),
      new File(["{"], "c.json"),
      new File([labelme([{ label: "pear", points: square }])], "a.json"),
    ]);
    expect(classesOf(0)).toEqual(["pear"]);
    expect(failures).toHaveLength(3);
    expect(failures.join("\n")).toMatch(/c\.json[\s\S]*broken\.xml[\s\S]*data\.yaml or classes\.txt/);
  });

  it("of Label Studio find images under their names before the upload; notes of its YOLO export are none", async () => {
    const { store, objectsOf, classesOf, said } = openStore("a b.jpg", "c.jpg");
    const square = [
      [0, 0],
      [50, 0],
      [50, 50],
      [0, 50],
    ];
    const region = (id: string, value: object) => ({ id, original_width: 8, original_height: 6, value });
    const task = (image: string, ...result: object[]) => ({
      data: { image },
      annotations: [{ completed_by: 1, was_cancelled: false, result }],
    });
    const tasks = [
      task("/data/upload/7/0a1b2c30-a_b.jpg", region("r1", { points: square, polygonlabels: ["pear"] })),
      task("/data/local-files/?d=photos/c.jpg", region("r2", { points: square, polygonlabels: ["box"] })),
      task("https://host/other.jpg", region("r3", { points: square, polygonlabels: ["box"] })),
    ];
    const json = new File([JSON.stringify(tasks)], "project-7.json");
    expect(await addMaskFiles(store, [json])).toEqual([]);
    expect([0, 1].map((i) => [objectsOf(i).length, classesOf(i)])).toEqual([
      [1, ["pear"]],
      [1, ["box"]],
    ]);
    expect(said().join()).toContain("1 more image");
    const notes = new File(['{"categories": [], "info": {}}'], "notes.json");
    const labels = new File(["0 0.1 0.1 0.9 0.1 0.9 0.9\n"], "c.txt");
    expect(await addMaskFiles(store, [notes, new File(["pear\n"], "classes.txt"), labels])).toEqual([]);
    expect(classesOf(1)).toEqual(["box", "pear"]);
  });

  it("in a zip that is none, or that claims too much, are refused", async () => {
    const { store } = openStore("a.jpg");
    expect(await addMaskFiles(store, [new File(["no zip"], "a.zip")])).toEqual([
      expect.stringMatching(/"a\.zip" is not a usable zip/),
    ]);
    const zip = zipSync({ "a.json": text(" ".repeat(1000)) });
    const claim = new DataView(zip.buffer, zip.byteOffset);
    const directory = zip.findLastIndex(
      (_, i) => claim.byteLength - i >= 4 && claim.getUint32(i, true) === 0x02014b50,
    );
    claim.setUint32(directory + 24, 300_000_000, true);
    expect(await addMaskFiles(store, [new File([zip], "b.zip")])).toEqual([
      expect.stringMatching(/"b\.zip".*more than 256 MB/),
    ]);
  });
});
