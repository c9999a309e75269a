import { type OutputMode, type Point, SamError } from "@segany/masks";
import type { ModelInfo } from "../engine/types.js";
import { type FieldNames, refuseUnknown } from "../known-options.js";
import { checkOutputMode } from "../output-mode.js";
import type { Behaviour, Selection, SelectionOptions } from "../proposals/selection.js";
import { buildAllLayerPointGrids, gridSides } from "./point-grid.js";

/** The options of Meta's `SamAutomaticMaskGenerator`. Defaults are in {@link BEHAVIOUR_DEFAULTS}. */
export interface MaskGeneratorOptions extends SelectionOptions {
  readonly behaviour?: Behaviour;
  /** Points per side of the image; null if `pointGrids` are given. */
  readonly pointsPerSide?: number | null;
  /** Most prompts per decoder call: larger batches need more memory and less time. */
  readonly pointsPerBatch?: number;
  /** Shift of the logit threshold, up and down, that measures stability. */
  readonly stabilityScoreOffset?: number;
  /** Number of crop layers; layer i has 2^i x 2^i crops. */
  readonly cropNLayers?: number;
  /** Overlap of crops in layer 1 as a share of the image's short side. */
  readonly cropOverlapRatio?: number;
  /** Each layer divides `pointsPerSide` by this factor once more. */
  readonly cropNPointsDownscaleFactor?: number;
  /** A grid of points in the unit square for the image and for each crop layer; replaces `pointsPerSide`. */
  readonly pointGrids?: readonly (readonly Point[])[] | null;
  readonly outputMode?: OutputMode;
}

const FIELDS: FieldNames<MaskGeneratorOptions> = {
  behaviour: true,
  pointsPerSide: true,
  pointsPerBatch: true,
  predIouThresh: true,
  stabilityScoreThresh: true,
  stabilityScoreOffset: true,
  boxNmsThresh: true,
  cropNLayers: true,
  cropNmsThresh: true,
  cropOverlapRatio: true,
  cropNPointsDownscaleFactor: true,
  pointGrids: true,
  minMaskRegionArea: true,
  outputMode: true,
};

/** All options with their values. */
export interface MaskGeneratorSettings extends Selection {
  readonly behaviour: Behaviour;
  readonly pointsPerBatch: number;
  readonly stabilityScoreOffset: number;
  readonly cropNLayers: number;
  readonly cropOverlapRatio: number;
  readonly pointGrids: readonly (readonly Point[])[];
  readonly outputMode: OutputMode;
}

/** Defaults of a behaviour. */
export interface GeneratorDefaults extends Selection {
  readonly pointsPerSide: number | null;
  readonly pointsPerBatch: number;
  readonly stabilityScoreOffset: number;
  readonly cropNLayers: number;
  readonly cropOverlapRatio: number;
  readonly cropNPointsDownscaleFactor: number;
}

const OFFICIAL: GeneratorDefaults = {
  pointsPerSide: 32,
  pointsPerBatch: 64,
  predIouThresh: 0.88,
  stabilityScoreThresh: 0.95,
  stabilityScoreOffset: 1,
  boxNmsThresh: 0.7,
  cropNLayers: 0,
  cropNmsThresh: 0.7,
  cropOverlapRatio: 512 / 1500,
  cropNPointsDownscaleFactor: 1,
  minMaskRegionArea: 0,
};

/**
 * Defaults of each behaviour: Meta's class, and appendix B with its 2x2 and 4x4 crops of 16x16 and 8x8
 * points.
 */
export const BEHAVIOUR_DEFAULTS: Readonly<Record<Behaviour, GeneratorDefaults>> = {
  official: OFFICIAL,
  fast: OFFICIAL,
  paper: { ...OFFICIAL, cropNLayers: 2, cropNPointsDownscaleFactor: 2, minMaskRegionArea: 100 },
};

/**
 * Applies the defaults and validates the values.
 *
 * @param kept thresholds that are kept with the model's weights, in place of the behaviour's
 * @throws SamError `option-invalid` naming the option, its value and what is allowed
 */
export function resolveSettings(
  options: MaskGeneratorOptions = {},
  kept?: ModelInfo["everythingThresholds"],
): MaskGeneratorSettings {
  refuseUnknown(options, FIELDS, "The mask generator");
  const behaviour = options.behaviour ?? "official";
  if (!Object.hasOwn(BEHAVIOUR_DEFAULTS, behaviour))
    reject("behaviour", behaviour, `"official", "paper" or "fast"`);
  const defaults = { ...BEHAVIOUR_DEFAULTS[behaviour], ...kept };
  const merged: Merged = { ...defaults, outputMode: "binary_mask", ...definedOnly(options) };
  checkRanges(merged);
  return {
    behaviour,
    ...resolveSelection(merged, merged),
    pointsPerBatch: merged.pointsPerBatch,
    stabilityScoreOffset: merged.stabilityScoreOffset,
    cropNLayers: merged.cropNLayers,
    cropOverlapRatio: merged.cropOverlapRatio,
    pointGrids: resolveGrids(options, merged),
    outputMode: merged.outputMode,
  };
}

/** Applies defaults to selection options and validates them. */
export function resolveSelection(options: SelectionOptions, defaults: Selection): Selection {
  const { predIouThresh, stabilityScoreThresh, boxNmsThresh, cropNmsThresh, minMaskRegionArea } = {
    ...defaults,
    ...definedOnly(options),
  };
  checkNumber("predIouThresh", predIouThresh, -Infinity, Infinity);
  checkNumber("stabilityScoreThresh", stabilityScoreThresh, -Infinity, Infinity);
  checkNumber("boxNmsThresh", boxNmsThresh, 0, 1);
  checkNumber("cropNmsThresh", cropNmsThresh, 0, 1);
  checkNumber("minMaskRegionArea", minMaskRegionArea, 0, Infinity);
  return { predIouThresh, stabilityScoreThresh, boxNmsThresh, cropNmsThresh, minMaskRegionArea };
}

type Merged = GeneratorDefaults & { readonly outputMode: OutputMode };

function checkRanges(merged: Merged): void {
  checkInteger("pointsPerBatch", merged.pointsPerBatch, 1, 4096);
  checkInteger("cropNLayers", merged.cropNLayers, 0, 6);
  checkNumber("stabilityScoreOffset", merged.stabilityScoreOffset, 0, Infinity);
  checkNumber("cropOverlapRatio", merged.cropOverlapRatio, 0, 1);
  checkNumber("cropNPointsDownscaleFactor", merged.cropNPointsDownscaleFactor, 1, 1024);
  checkOutputMode(merged.outputMode);
}

/**
 * Returns the number of prompts per image for these options: each point of a layer's grid is a prompt in each
 * of the layer's crops.
 *
 * @throws SamError `option-invalid`
 *
 * @example
 * console.log(countPrompts(), countPrompts({ pointsPerSide: 16, cropNLayers: 1 })); // 1024 1280
 */
export function countPrompts(options: MaskGeneratorOptions = {}): number {
  return sumOverCrops(resolveSettings(options).pointGrids.map(({ length }) => length));
}

/** @param points number of points of a crop in each layer; layer i has 4^i crops */
function sumOverCrops(points: readonly number[]): number {
  return points.reduce((sum, count, layer) => sum + count * 4 ** layer, 0);
}

/** Hours of decoding: more is a mistake, and the grids alone would exhaust the memory. */
const MAX_PROMPTS = 2 ** 22;

function checkPrompts(points: readonly number[]): void {
  const prompts = sumOverCrops(points);
  if (prompts <= MAX_PROMPTS) return;
  throw new SamError(
    "option-invalid",
    `These settings result in ${prompts} prompts per image; at most ${MAX_PROMPTS} are allowed. Lower pointsPerSide or cropNLayers, or raise cropNPointsDownscaleFactor.`,
  );
}

function resolveGrids(options: MaskGeneratorOptions, merged: Merged): readonly (readonly Point[])[] {
  const { pointGrids } = options;
  if (!pointGrids) {
    const pointsPerSide = merged.pointsPerSide ?? Number.NaN;
    checkInteger("pointsPerSide", pointsPerSide, 1, 1024);
    checkPrompts(
      gridSides(pointsPerSide, merged.cropNLayers, merged.cropNPointsDownscaleFactor).map(
        (side) => side ** 2,
      ),
    );
    return buildAllLayerPointGrids(pointsPerSide, merged.cropNLayers, merged.cropNPointsDownscaleFactor);
  }
  if (options.pointsPerSide != null) {
    throw new SamError("option-invalid", "Use either pointsPerSide or pointGrids, not both.");
  }
  if (pointGrids.length !== merged.cropNLayers + 1) {
    reject(
      "pointGrids",
      `${pointGrids.length} grids`,
      `${merged.cropNLayers + 1} of them, one for the image and one for each of ${merged.cropNLayers} layers`,
    );
  }
  checkPrompts(pointGrids.map(({ length }) => length));
  for (const point of pointGrids.flat()) {
    if (!(point.length === 2 && point.every((value) => value >= 0 && value <= 1)))
      reject("pointGrids", `a point [${point.join(", ")}]`, "points (x, y) with both in [0, 1]");
  }
  return pointGrids;
}

function definedOnly<T extends object>(options: T): Partial<T> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value != null)) as Partial<T>;
}

function checkInteger(name: string, value: number, low: number, high: number): void {
  if (!Number.isInteger(value) || value < low || value > high)
    reject(name, value, `an integer from ${low} to ${high}`);
}

function checkNumber(name: string, value: number, low: number, high: number): void {
  if (!(typeof value === "number" && value >= low && value <= high)) {
    const range =
      high === Infinity
        ? low === -Infinity
          ? "a number"
          : `a number of at least ${low}`
        : `a number from ${low} to ${high}`;
    reject(name, value, range);
  }
}

function reject(name: string, value: unknown, allowed: string): never {
  throw new SamError("option-invalid", `${name} is ${String(value)}; it must be ${allowed}.`);
}
