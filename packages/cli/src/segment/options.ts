import type { Behaviour, MaskGeneratorOptions, Sam } from "@segany/sam";
import { type Command, Option } from "commander";
import { UsageError } from "../cli-error.js";
import type { ImageOptions } from "../image-options.js";
import type { ModelOptions } from "../model-options.js";
import { parseCount, parseNumber } from "../numbers.js";
import { givenTextOption, type TextOptions } from "../open-grounder.js";

export type OutputFormat = "sa1b" | "coco" | "png";

export interface SegmentOptions extends ModelOptions, ImageOptions, TextOptions {
  readonly input?: readonly string[];
  readonly output: string;
  readonly format: OutputFormat;
  readonly convertToRle?: boolean;
  readonly picture: boolean;
  readonly cutouts?: boolean;
  readonly recursive?: boolean;
  readonly overwrite?: boolean;
  readonly shard?: string;
  readonly json?: boolean;
  readonly text?: readonly string[];
  readonly behaviour: Behaviour;
  readonly pointsPerSide?: number;
  readonly pointsPerBatch?: number;
  readonly predIouThresh?: number;
  readonly stabilityScoreThresh?: number;
  readonly stabilityScoreOffset?: number;
  readonly boxNmsThresh?: number;
  readonly cropNLayers?: number;
  readonly cropNmsThresh?: number;
  readonly cropOverlapRatio?: number;
  readonly cropNPointsDownscaleFactor?: number;
  readonly minMaskRegionArea?: number;
}

/** Adds the options of Meta's `scripts/amg.py`, with the same names and defaults. */
export function addGeneratorOptions(command: Command): Command {
  return command
    .optionsGroup("Mask generator (defaults in brackets: official and fast / paper):")
    .addOption(
      new Option(
        "--behaviour <which>",
        "official: like Meta's repository; paper: its appendix B; fast: approximates official in about a quarter of its time",
      )
        .choices(["official", "paper", "fast"])
        .default("official"),
    )
    .option("--points-per-side <n>", "points along one side of the image [32]", parseCount)
    .option("--points-per-batch <n>", "most points in one decoder call [64]", parseCount)
    .option("--pred-iou-thresh <x>", "keep masks with a predicted IoU above this [0.88]", parseNumber)
    .option("--stability-score-thresh <x>", "keep masks with at least this stability [0.95]", parseNumber)
    .option(
      "--stability-score-offset <x>",
      "shift of the logit threshold that measures stability [1]",
      parseNumber,
    )
    .option(
      "--box-nms-thresh <x>",
      "box IoU above which two masks of a crop are duplicates [0.7]",
      parseNumber,
    )
    .option("--crop-n-layers <n>", "layers of crops, 2^i x 2^i in layer i [0 / 2]", parseCount)
    .option(
      "--crop-nms-thresh <x>",
      "box IoU above which masks of two crops are duplicates [0.7]",
      parseNumber,
    )
    .option("--crop-overlap-ratio <x>", "overlap of crops as a share of the short side [0.3413]", parseNumber)
    .option(
      "--crop-n-points-downscale-factor <n>",
      "each layer of crops divides the points by this [1 / 2]",
      parseNumber,
    )
    .option("--min-mask-region-area <px>", "remove smaller holes and islands [0 / 100]", parseCount);
}

/**
 * Refuses options that would have no effect.
 *
 * @throws UsageError
 */
export function checkTextOptions(options: SegmentOptions): void {
  if (options.text === undefined) {
    const given = givenTextOption(options);
    if (given !== undefined) throw new UsageError(`${given} needs --text WORDS.`);
    return;
  }
  const { outputMode: _, behaviour, ...settings } = generatorOptions(options);
  const [given] = behaviour === "official" ? Object.keys(settings) : ["behaviour"];
  if (given === undefined) return;
  const flag = given.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new UsageError(`--${flag} is of everything mode; with --text it has no effect. Leave one out.`);
}

/** Says which thresholds fine-tuned weights bring along, where the options have none. */
export function noteKeptThresholds(
  { model: { everythingThresholds: kept } }: Pick<Sam, "model">,
  { predIouThresh, stabilityScoreThresh }: SegmentOptions,
  note: (line: string) => void,
): void {
  if (!kept) return;
  const used = [
    ...(predIouThresh === undefined ? [`--pred-iou-thresh ${kept.predIouThresh}`] : []),
    ...(stabilityScoreThresh === undefined ? [`--stability-score-thresh ${kept.stabilityScoreThresh}`] : []),
  ];
  if (used.length > 0) note(`The weights have thresholds of their own: ${used.join(" ")}.`);
}

/** The options of the mask generator. */
export function generatorOptions(
  options: SegmentOptions,
): MaskGeneratorOptions & { readonly outputMode: "coco_rle" } {
  const {
    behaviour,
    pointsPerSide,
    pointsPerBatch,
    predIouThresh,
    stabilityScoreThresh,
    stabilityScoreOffset,
  } = options;
  const {
    boxNmsThresh,
    cropNLayers,
    cropNmsThresh,
    cropOverlapRatio,
    cropNPointsDownscaleFactor,
    minMaskRegionArea,
  } = options;
  const given = {
    pointsPerSide,
    pointsPerBatch,
    predIouThresh,
    stabilityScoreThresh,
    stabilityScoreOffset,
    boxNmsThresh,
    cropNLayers,
    cropNmsThresh,
    cropOverlapRatio,
    cropNPointsDownscaleFactor,
    minMaskRegionArea,
  };
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  return { behaviour, ...set, outputMode: "coco_rle" };
}
