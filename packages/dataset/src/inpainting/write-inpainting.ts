import { decodeRle, type Mask, rleArea } from "@segany/masks";
import { encodePng, loadSharp, readImage } from "@segany/sam/images";
import { DatasetError, throwIfAborted } from "../errors.js";
import { openOutputFolder } from "../files/output-folder.js";
import { stemOf } from "../names/file-names.js";
import { createOutputNames, type RenamedFile } from "../names/output-names.js";
import {
  type Dataset,
  type DatasetRecord,
  type MaskAnnotation,
  type RecordsOptions,
  withMasksAlone,
} from "../record.js";
import { setAside } from "../set-aside.js";
import { type InpaintingMaskOptions, inpaintingMask } from "./inpainting-mask.js";

/**
 * Where the files of object 3 of photo.jpg go: "pairs" → `photo/3/image.png` and `photo/3/mask.png`;
 * "folders" → `images/photo-3.png` and `masks/photo-3.png`, as batch modes of diffusion interfaces take them;
 * "lama" → `photo-3.png` and `photo-3_mask.png`, as LaMa's scripts do.
 */
export type InpaintingLayout = "folders" | "lama" | "pairs";

/** Settings of `writeInpainting`. */
export interface InpaintingOptions extends RecordsOptions, InpaintingMaskOptions {
  readonly layout?: InpaintingLayout | undefined;
}

/** What was written. */
export interface InpaintingReport {
  readonly images: number;
  /** Pairs of image and mask. */
  readonly pairs: number;
  /** Boxes without a mask, left out. */
  readonly bareBoxes: number;
  /** Images without a file, left out. */
  readonly missingFiles: number;
  /**
   * Images whose file can't be read or is of another size than their masks, left out where `onProblem` takes
   * that.
   */
  readonly unreadableFiles: number;
  /** Images whose files are named otherwise than in the data set, the first thousand. */
  readonly renamed: readonly RenamedFile[];
}

/**
 * Writes for each mask a pair of PNGs for tools that paint parts of images anew: the image, and a grey mask
 * of its size, white where to paint. Objects are numbered from 0 in their order; masks without a pixel are
 * left out.
 *
 * @param path a folder that is empty or not there
 * @throws DatasetError `option-invalid`, `output-exists`, `annotation-invalid` (an image of another size than
 * its masks), `file-unreadable`, `file-unwritable`, `aborted`; whatever reading the data set throws
 *
 * @example
 * const { pairs, missingFiles } = await writeInpainting(dataset, "inpainting", { layout: "lama" });
 * console.log(pairs, missingFiles); // 0 2
 */
export async function writeInpainting(
  dataset: Dataset,
  path: string,
  { layout = "pairs", dilatePx = 0, featherPx = 0, ...pass }: InpaintingOptions = {},
): Promise<InpaintingReport> {
  const options = { dilatePx, featherPx };
  // Says what is wrong with the options before anything is written.
  inpaintingMask({ width: 1, height: 1, data: new Uint8Array(1) }, options);
  const output = await openOutputFolder(path, pass);
  const outputNames = createOutputNames({ byStem: true });
  const report = { images: 0, pairs: 0, bareBoxes: 0, missingFiles: 0, unreadableFiles: 0 };
  for await (const whole of dataset.records(pass)) {
    const record = withMasksAlone(whole);
    report.bareBoxes += whole.annotations.length - record.annotations.length;
    const { image: source } = record;
    const stem = stemOf(outputNames.take(source.fileName, `Image ${source.id}`));
    if (!record.image.open) {
      report.missingFiles++;
      continue;
    }
    const image = await readImagePng(record, pass.signal).catch((error: unknown) =>
      setAside(error, `The image "${record.image.fileName}"`, pass.onProblem),
    );
    if (!image) {
      report.unreadableFiles++;
      continue;
    }
    report.images++;
    for (const [i, annotation] of record.annotations.entries()) {
      throwIfAborted(pass.signal);
      if (rleArea(annotation.segmentation) === 0) continue;
      const names = namesOf(layout, stem, i);
      await output.write(names.image, image);
      await output.write(names.mask, await maskPng(annotation, options));
      report.pairs++;
    }
  }
  return { ...report, renamed: outputNames.renamed };
}

/** As pixels are seen, after the EXIF orientation, since masks are in that frame. */
async function readImagePng({ image }: DatasetRecord, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const pixels = await readImage(await image.open!(), { signal, name: `The image "${image.fileName}"` });
  if (pixels.width !== image.width || pixels.height !== image.height) {
    throw new DatasetError(
      "annotation-invalid",
      `The image "${image.fileName}" has ${pixels.width} x ${pixels.height} pixels, but its masks ${image.width} x ${image.height}.`,
    );
  }
  return encodePng(pixels);
}

function namesOf(layout: InpaintingLayout, stem: string, number: number): { image: string; mask: string } {
  switch (layout) {
    case "pairs":
      return { image: `${stem}/${number}/image.png`, mask: `${stem}/${number}/mask.png` };
    case "folders":
      return { image: `images/${stem}-${number}.png`, mask: `masks/${stem}-${number}.png` };
    case "lama":
      return { image: `${stem}-${number}.png`, mask: `${stem}-${number}_mask.png` };
  }
}

async function maskPng(
  { segmentation }: MaskAnnotation,
  options: InpaintingMaskOptions,
): Promise<Uint8Array> {
  const mask: Mask = decodeRle(segmentation);
  const { width, height } = mask;
  const sharp = await loadSharp();
  return sharp(inpaintingMask(mask, options), { raw: { width, height, channels: 1 } })
    .toColourspace("b-w")
    .png({ compressionLevel: 6 })
    .toBuffer();
}
