import type { DatasetRecord } from "@segany/dataset/formats";
import type { RgbaImage } from "@segany/masks";
import { type GenerationProgress, readImage, type SamAutomaticMaskGenerator } from "@segany/sam";
import { type ImageOptions, readingOptions } from "../image-options.js";
import { categoriesOf, type SegmentedMask, toDatasetRecord, writeMasks } from "./formats.js";
import type { InputImage } from "./inputs.js";
import type { SegmentOptions } from "./options.js";
import { writeCutouts, writePicture } from "./pictures.js";

/** Milliseconds of work for one image; `total` is the wall time from reading it to the last file written. */
export interface ImageTimings {
  readonly encode: number;
  readonly decode: number;
  readonly post: number;
  readonly total: number;
}

/** An image whose masks are found but not written. */
export interface FoundMasks {
  readonly input: InputImage;
  readonly image: RgbaImage;
  readonly records: readonly SegmentedMask[];
  /** What was left out or scaled when the image was read. */
  readonly notices: readonly string[];
  /** `performance.now()` when reading started. */
  readonly start: number;
  readonly timings: Omit<ImageTimings, "total">;
}

/** The result for one image. */
export interface SegmentedResult {
  /** Written files, relative to the output folder. */
  readonly names: readonly string[];
  readonly record: DatasetRecord;
  readonly timings: ImageTimings;
}

export interface FindOptions {
  readonly reading: ImageOptions;
  readonly generator: SamAutomaticMaskGenerator<"coco_rle">;
  readonly signal: AbortSignal;
  /** @param share 0..1 */
  readonly onProgress: (share: number, note: string) => void;
}

/** Reads an image and finds its masks. */
export async function findMasks(
  input: InputImage,
  { reading, generator, signal, onProgress }: FindOptions,
): Promise<FoundMasks> {
  const start = performance.now();
  const notices: string[] = [];
  const image = await readImage(input.path, { ...readingOptions(reading, notices), signal });
  const decoded = await generator.decode(image, {
    floor: generator.settings,
    signal,
    onProgress: (at) => onProgress(at.pointsDone / at.pointsTotal, progressNote(at)),
  });
  const selecting = performance.now();
  const records = await decoded.select().finally(() => decoded.release());
  const { encodeMs, decodeMs, postMs } = decoded.timings;
  const post = postMs + performance.now() - selecting;
  return { input, image, records, notices, start, timings: { encode: encodeMs, decode: decodeMs, post } };
}

/** Writes the requested files. */
export async function writeResults(
  { input, image, records, start, timings }: FoundMasks,
  options: SegmentOptions,
): Promise<SegmentedResult> {
  const writing = performance.now();
  const { output, format } = options;
  const segmented = { input, width: image.width, height: image.height, records };
  const categories = categoriesOf(options.text);
  const record = toDatasetRecord(segmented, format, categories);
  const names = await writeMasks(output, record, format, categories);
  if (options.picture) names.push(await writePicture(output, image, segmented));
  if (options.cutouts) names.push(...(await writeCutouts(output, image, segmented)));
  const end = performance.now();
  const post = timings.post + end - writing;
  return { names, record, timings: { ...timings, post, total: end - start } };
}

function progressNote({ candidates, cropsDone, cropsTotal }: GenerationProgress): string {
  const crop = cropsTotal > 1 ? `crop ${cropsDone + 1} of ${cropsTotal}, ` : "";
  return `${crop}${candidates} masks so far`;
}
