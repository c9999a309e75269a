import { SamError } from "@segany/masks";
import { type FieldNames, refuseUnknown } from "../known-options.js";

/** One value for each of red, green and blue. */
export type RgbValues = readonly [red: number, green: number, blue: number];

/**
 * What a model expects of its images. Fine-tuned models may expect something else than the published ones.
 */
export interface ImagePreprocessing {
  /** Subtracted from each channel, in the units of `range`. */
  readonly mean: RgbValues;
  /** Each channel is divided by it. */
  readonly std: RgbValues;
  /** `bytes`: 0 to 255; `unit`: 0 to 1; `minmax`: from 0 at the image's least value to 1 at its greatest. */
  readonly range: "bytes" | "unit" | "minmax";
  /** `longest-side`: the longer side fills the input, the rest is padding; `square`: both sides do. */
  readonly resize: "longest-side" | "square";
}

/** That of SAM (paper, appendix A) and MobileSAM. */
export const SAM_PREPROCESSING: ImagePreprocessing = {
  mean: [123.675, 116.28, 103.53],
  std: [58.395, 57.12, 57.375],
  range: "bytes",
  resize: "longest-side",
};

/** Fine-tuned models known by name. */
const PRESETS = {
  sam: SAM_PREPROCESSING,
  /** MedSAM (arXiv 2304.12306). */
  medsam: { mean: [0, 0, 0], std: [1, 1, 1], range: "minmax", resize: "square" },
  /** SAM-Med2D (arXiv 2308.16184). */
  "sam-med2d": { ...SAM_PREPROCESSING, resize: "square" },
} as const satisfies Record<string, ImagePreprocessing>;

/** A preset's name, or what differs from SAM's preprocessing. */
export type PreprocessingRequest = keyof typeof PRESETS | Partial<ImagePreprocessing>;

/** Names of the presets. */
export const preprocessingPresets = Object.keys(PRESETS) as (keyof typeof PRESETS)[];

const FIELDS: FieldNames<ImagePreprocessing> = { mean: true, std: true, range: true, resize: true };

/**
 * Validates a request, and fills in SAM's values.
 *
 * @throws SamError `option-invalid` with the field and its value
 *
 * @example
 * console.log(resolvePreprocessing("medsam").range); // minmax
 * console.log(resolvePreprocessing({ resize: "square" }).range); // bytes
 */
export function resolvePreprocessing(request: PreprocessingRequest): ImagePreprocessing {
  if (typeof request === "string") {
    if (Object.hasOwn(PRESETS, request)) return PRESETS[request];
    throw invalid("preprocessing", request, `${preprocessingPresets.join(", ")}, or an object`);
  }
  refuseUnknown(request, FIELDS, "The preprocessing");
  const { mean, std, range, resize } = { ...SAM_PREPROCESSING, ...request };
  if (!isRgb(mean)) throw invalid("preprocessing.mean", mean, "three numbers");
  if (!isRgb(std) || std.some((value) => value <= 0))
    throw invalid("preprocessing.std", std, "three numbers above 0");
  if (!["bytes", "unit", "minmax"].includes(range))
    throw invalid("preprocessing.range", range, "bytes, unit or minmax");
  if (!["longest-side", "square"].includes(resize))
    throw invalid("preprocessing.resize", resize, "longest-side or square");
  return { mean, std, range, resize };
}

/** Whether it is what the published models expect. */
export function isSamPreprocessing(preprocessing: ImagePreprocessing): boolean {
  return textOf(preprocessing) === textOf(SAM_PREPROCESSING);
}

/**
 * The hash of a checkpoint together with preprocessing of another kind, so that embeddings that differ are
 * told apart.
 *
 * @param checkpointSha256 lower-case hex
 */
export async function hashWithPreprocessing(
  checkpointSha256: string,
  preprocessing: ImagePreprocessing,
): Promise<string> {
  const bytes = new TextEncoder().encode(`${checkpointSha256} ${textOf(preprocessing)}`);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function textOf({ mean, std, range, resize }: ImagePreprocessing): string {
  return JSON.stringify([mean, std, range, resize]);
}

function isRgb(value: unknown): value is RgbValues {
  return Array.isArray(value) && value.length === 3 && value.every(Number.isFinite);
}

function invalid(name: string, value: unknown, allowed: string): SamError {
  return new SamError("option-invalid", `${name} is ${JSON.stringify(value)}; it must be ${allowed}.`);
}
