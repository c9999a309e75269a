import { basename } from "node:path";
import { type GenerationProgress, readImage, type SamAutomaticMaskGenerator } from "@segany/sam";
import { interruption } from "../interruption.js";
import type { Progress } from "../progress.js";
import { type CocoPart, cocoPart, type SegmentedImage, writePngFolder, writeSa1b } from "./formats.js";
import type { InputImage } from "./inputs.js";
import type { SegmentOptions } from "./options.js";
import { writeCutouts, writePicture } from "./pictures.js";

/** Busy milliseconds of one picture; `total` is wall time from reading it to its files written. */
export interface ImageTimings {
  readonly encode: number;
  readonly decode: number;
  readonly post: number;
  readonly total: number;
}

/** What was made of one picture. */
export interface SegmentedResult {
  /** Files written, relative to the output folder. */
  readonly names: readonly string[];
  readonly masks: number;
  readonly coco: CocoPart | undefined;
  readonly timings: ImageTimings;
}

export interface SegmentTools {
  readonly options: SegmentOptions;
  readonly generator: SamAutomaticMaskGenerator<"coco_rle">;
  readonly progress: Progress;
  readonly label: string;
}

/** Segments one picture and writes what the options ask for. */
export async function segmentOne(
  input: InputImage,
  { options, generator, progress, label }: SegmentTools,
): Promise<SegmentedResult> {
  const start = performance.now();
  progress.begin(label, 1000);
  const image = await readImage(input.path, { signal: interruption });
  const decoded = await generator.decode(image, {
    floor: generator.settings,
    signal: interruption,
    onProgress: (at) => progress.update((1000 * at.pointsDone) / at.pointsTotal, progressNote(at)),
  });
  const selecting = performance.now();
  const records = await decoded.select();
  await decoded.release();
  const segmented = {
    input,
    fileName: basename(input.path),
    width: image.width,
    height: image.height,
    records,
  };
  const names = await writeMasks(segmented, options);
  if (options.picture) names.push(await writePicture(options.output, image, segmented));
  if (options.cutouts) names.push(...(await writeCutouts(options.output, image, segmented)));
  const end = performance.now();
  const { encodeMs, decodeMs, postMs } = decoded.timings;
  const timings = { encode: encodeMs, decode: decodeMs, post: postMs + end - selecting, total: end - start };
  return {
    names,
    masks: records.length,
    coco: options.format === "coco" ? cocoPart(segmented) : undefined,
    timings,
  };
}

async function writeMasks(segmented: SegmentedImage, { output, format }: SegmentOptions): Promise<string[]> {
  switch (format) {
    case "sa1b":
      return [await writeSa1b(output, segmented)];
    case "png":
      return writePngFolder(output, segmented);
    case "coco":
      return []; // one file for all pictures, at the end
  }
}

function progressNote({ candidates, cropsDone, cropsTotal }: GenerationProgress): string {
  const crop = cropsTotal > 1 ? `crop ${cropsDone + 1} of ${cropsTotal}, ` : "";
  return `${crop}${candidates} masks so far`;
}
