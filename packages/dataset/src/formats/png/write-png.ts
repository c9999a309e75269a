import { decodeRle, type Mask } from "@segany/masks";
import type { MaskAnnotation } from "../../record.js";
import type { DatasetWriter } from "../format.js";
import { type OutputFile, perImageWriter } from "../write-per-image.js";
import { amgHolds, formatAmgTable, formatPngTable, pngHolds, tableFile } from "./png-table.js";

/** Makes a PNG of a mask, white on black. */
export type EncodeMask = (mask: Mask) => Uint8Array | Promise<Uint8Array>;

/**
 * One PNG a mask: `images/x.jpg` and `masks/x/0.png`, `1.png`, … with `masks/x/metadata.csv`.
 *
 * @example
 * const output = createMemoryOutput();
 * const writer = createPngWriter(({ data }) => data); // a PNG encoder of your choice
 * const { annotations } = await writer.write(dataset, output, { images: "none" });
 * console.log(annotations); // 3
 */
export function createPngWriter(encode: EncodeMask): DatasetWriter {
  return perImageWriter("png", ({ categories }) => {
    const names = new Map(categories.map(({ id, name }) => [id, name]));
    const nameOf = (id: number | undefined): string | undefined =>
      id === undefined ? undefined : names.get(id);
    return {
      holds: pngHolds,
      imageFolder: "images",
      async *filesOf(record, stem, losses) {
        losses.addRecord(record);
        yield* maskFiles(`masks/${stem}`, record.annotations, encode);
        yield { name: `masks/${stem}/${tableFile}`, data: formatPngTable(record.annotations, nameOf) };
      },
    };
  });
}

/**
 * As `createPngWriter`, but as Meta's `amg.py` does: `x/0.png`, … without a folder above, and its columns
 * alone, with one for the class after them where the data set has classes.
 *
 * @example
 * const output = createMemoryOutput();
 * const writer = createAmgWriter(({ data }) => data); // a PNG encoder of your choice
 * const { annotations } = await writer.write(dataset, output, { images: "none" });
 * console.log(annotations); // 3
 */
export function createAmgWriter(encode: EncodeMask): DatasetWriter {
  return perImageWriter("png", ({ categories }) => {
    const names = new Map(categories.map(({ id, name }) => [id, name]));
    const nameOf = (id: number | undefined) => (id === undefined ? undefined : names.get(id));
    return {
      holds: amgHolds,
      imageFolder: "images",
      async *filesOf(record, stem, losses) {
        losses.addRecord(record);
        yield* maskFiles(stem, record.annotations, encode);
        const table = formatAmgTable(record.annotations, names.size > 0 ? nameOf : undefined);
        yield { name: `${stem}/${tableFile}`, data: table };
      },
    };
  });
}

async function* maskFiles(
  folder: string,
  annotations: readonly MaskAnnotation[],
  encode: EncodeMask,
): AsyncIterable<OutputFile> {
  for (const [i, { segmentation }] of annotations.entries())
    yield { name: `${folder}/${i}.png`, data: await encode(decodeRle(segmentation)) };
}
