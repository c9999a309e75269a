import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { DatasetFormat, WriteReport } from "../formats/format.js";
import { datasetFromRecords } from "../formats/memory-dataset.js";
import type { Annotation, Dataset } from "../record.js";
import { drawMask, exampleMasks, makeAnnotation, makeImage } from "./make-records.js";
import { makeTemporaryFolder } from "./temporary-folder.js";

/** A ring with a pixel in its hole, and a frame: holes, islands and parts that touch at corners. */
export const nested = drawMask("#####.", "#...#.", "#.#.#.", "#...#.", "######");

/** Masks that don't overlap, so that label maps can hold them. */
export const apart = [
  drawMask("###...", "#.#...", "###...", "......", "......"),
  drawMask("....##", "....##", "......", "....##", "....##"),
  drawMask("......", ".#....", "......", "......", "###..."),
];

/** Two images, the first with masks of two classes by turns. */
export async function smallSet(masks = Object.values(exampleMasks)): Promise<Dataset> {
  const annotations = masks.map((mask, i) =>
    makeAnnotation(mask, { id: i + 1, categoryId: [3, 5, 3][i % 3]! }),
  );
  return datasetFromRecords(
    [
      { image: await makeImage(1, { fileName: "a/one.png" }), annotations },
      { image: await makeImage(2, { fileName: "two.png" }), annotations: [] },
    ],
    {
      categories: [
        { id: 3, name: "cell, big" },
        { id: 5, name: 'a <b> & "c"' },
      ],
    },
  );
}

/** Writes a set into a folder and opens what is there then. */
export async function writeAndRead(
  dataset: Dataset,
  format: DatasetFormat,
): Promise<{ readonly path: string; readonly report: WriteReport; readonly back: Dataset }> {
  const path = join(await makeTemporaryFolder(), "out");
  const report = await format.write(dataset, path);
  return { path, report, back: await format.read(path) };
}

export function countsOf(annotations: readonly Annotation[]): string[] {
  return annotations.map(({ segmentation }) => segmentation!.counts);
}

/** How often a writer has lost what. */
export function lossesOf({ losses }: WriteReport): Record<string, number> {
  return Object.fromEntries(losses.map(({ feature, count }) => [feature, count]));
}

/** Writes files into a folder. */
export async function lay(path: string, files: Record<string, string | Uint8Array>): Promise<void> {
  for (const [name, data] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), data);
  }
}
