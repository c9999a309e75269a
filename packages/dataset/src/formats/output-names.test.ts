import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createOutputNames, safeFileName } from "../names/output-names.js";
import { drawMask, makeAnnotation, makeImage } from "../testing/make-records.js";
import { makeTemporaryFolder } from "../testing/temporary-folder.js";
import { datasetFromRecords } from "./memory-dataset.js";
import { datasetFormats } from "./node-registry.js";

const names = [
  ".git/config",
  "labels.txt",
  "annotations.json",
  "data.yaml",
  "CON.jpg",
  "sub/nul",
  "com1.tar.png",
  "12:30:00.jpg",
  "a|b?.png",
  "dot./x.png",
  "space .png",
  `${"é".repeat(200)}.png`,
  "x/images/y.png",
  "x/labels/y.txt",
  "a\u202egnp.jpg",
];

/** Written anew here, apart from the code under test. */
function isSafe(part: string): boolean {
  return (
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
    !/^\.|[. ]$|[<>:"|?*\\\u0000-\u001f\u202e]/.test(part) &&
    !/^(con|nul|com1)(\.|$)/i.test(part) &&
    Buffer.byteLength(part) <= 255
  );
}

describe.each(datasetFormats.map((format) => [format.name, format] as const))("%s", (_name, format) => {
  it("writes every image under a safe name of its own, none over ours, and says which", async () => {
    const path = join(await makeTemporaryFolder(), "out");
    const mask = makeAnnotation(drawMask("##....", "......", "......", "......", "......"), {
      categoryId: 1,
    });
    const records = names.map(async (fileName, i) => ({
      image: await makeImage(i + 1, { fileName }),
      annotations: [{ ...mask, id: i + 1 }],
    }));
    const dataset = datasetFromRecords(await Promise.all(records), { categories: [{ id: 1, name: "cat" }] });
    const report = await format.write(dataset, path);
    const renamed = report.renamed!.map(({ from }) => from);
    for (const name of [".git/config", "CON.jpg", "12:30:00.jpg", "dot./x.png"])
      expect(renamed).toContain(name);
    for (const name of await readdir(path, { recursive: true }))
      expect(name.split(/[\\/]/).every(isSafe), name).toBe(true);
    let images = 0;
    for await (const { image } of (await format.read(path)).records())
      if (image.open) {
        expect((await image.open()).length).toBeGreaterThan(0);
        images++;
      }
    if (format.name === "coco") expect(images).toBe(names.length);
  });
});

describe("createOutputNames", () => {
  it("refuses names that some file system takes for one, and moves what it has renamed itself out of the way", () => {
    const output = createOutputNames({ byStem: false });
    output.take("a.jpg", "a");
    expect(() => output.take("A.JPG", "b")).toThrow(/capitals/);
    output.take("caf\u00e9.jpg", "c");
    expect(output.take("cafe\u0301.jpg", "d")).toBe("_caf\u00e9.jpg");
    expect(output.take("CON.jpg", "e")).toBe("_CON.jpg");
    expect(output.take("_con.jpg", "f")).toBe("__con.jpg");
    expect(() => output.take("../x", "g")).toThrow(expect.objectContaining({ code: "name-unsafe" }));
  });

  it("keeps what is safe", () => {
    for (const name of ["a/b c (1).jpg", "console.png", "größe.tif", "com10.png"])
      expect(safeFileName(name)).toBe(name);
  });
});
