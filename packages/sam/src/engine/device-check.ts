/** Verifies that another device computes the same as a trusted one. */

import { elementCount } from "@segany/graph/weights";
import { SamError } from "@segany/masks";
import type { ImageEmbedding } from "../embeddings/image-embedding.js";
import type { DecodedMasks } from "../model/decoded-masks.js";
import { packPrompts } from "../model/prompt-batch.js";
import type { Engine, ModelInfo } from "./types.js";

/**
 * Largest accepted difference between two correct devices: of scores, and of logits and features relative to
 * the largest one.
 */
const TOLERANCE = 0.01;

/** Decodes a point on an embedding of uniform noise. The masks are meaningless, but every weight is used. */
export function decodeKnown(engine: Engine, signal: AbortSignal | undefined): Promise<DecodedMasks> {
  const { imageSide } = engine.model;
  const prompts = packPrompts([{ pointCoords: [[imageSide / 2, imageSide / 3]], pointLabels: [1] }]);
  return engine.decode({ embedding: knownEmbedding(engine.model), prompts, masks: "three" }, { signal });
}

function knownEmbedding({ name, checkpointSha256, imageSide, features }: ModelInfo): ImageEmbedding {
  const size = { width: imageSide, height: imageSide };
  let state = 1;
  const noise = (shape: readonly number[]) =>
    Float32Array.from({ length: elementCount(shape) }, () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0; // Numerical Recipes' generator
      return (state / 2 ** 32 - 0.5) / 2;
    });
  return {
    model: { name, checkpointSha256 },
    imageSize: size,
    inputSize: size,
    features: Object.fromEntries(
      Object.entries(features).map(([feature, shape]) => [feature, { shape, data: noise(shape) }]),
    ),
  };
}

/** @throws SamError `inference-failed` if the masks of two devices differ */
export function checkSameMasks(actual: DecodedMasks, expected: DecodedMasks): void {
  const ratings = difference(actual.iouPredictions, expected.iouPredictions);
  const logits = relativeDifference(actual.lowResLogits, expected.lowResLogits, 1);
  if (ratings <= TOLERANCE && logits <= TOLERANCE) return;
  throw new SamError(
    "inference-failed",
    `a known prompt gives wrong masks: scores differ by ${ratings.toPrecision(2)}, logits by ${percent(logits)}`,
  );
}

/** @throws SamError `inference-failed` if the embeddings of two devices differ */
export function checkSameEmbedding(actual: ImageEmbedding, expected: ImageEmbedding): void {
  const apart = Object.entries(expected.features).map(([name, { data }]) =>
    relativeDifference(actual.features[name]?.data ?? NO_VALUES, data, 0),
  );
  const features = Math.max(...apart);
  if (features <= TOLERANCE) return;
  throw new SamError(
    "inference-failed",
    `an image gives another embedding: features differ by ${percent(features)}`,
  );
}

const NO_VALUES = new Float32Array(0);

function percent(share: number): string {
  return `${(100 * share).toPrecision(2)} %`;
}

/** Largest difference relative to the largest expected value, which counts as at least `atLeast`. */
function relativeDifference(actual: Float32Array, expected: Float32Array, atLeast: number): number {
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), atLeast);
  return difference(actual, expected) / largest;
}

/** Largest difference of two lists; Infinity if they can't be compared. */
function difference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let most = 0;
  for (let i = 0; i < a.length; i++) {
    const apart = Math.abs(a[i]! - b[i]!);
    if (!(apart <= most)) most = Number.isNaN(apart) ? Number.POSITIVE_INFINITY : apart;
  }
  return most;
}
