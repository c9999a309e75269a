import { type ClipSizes, clipShapes } from "@segany/sam/training";
import type { Random } from "../random/random.js";
import type { Parameter } from "../step/parameters.js";

/** Cosines are multiplied by it at first; trained models reach 100. */
const LOGIT_SCALE = 10;

/** Of embeddings of tokens and places, whose sums the first normalisation scales. */
const EMBEDDING_DEVIATION = 0.3;

/** First weights: normal with a deviation of one over the root of the inputs; biases are zero. */
export function initialClip(sizes: ClipSizes, random: Random): Map<string, Parameter> {
  return new Map(
    Object.entries(clipShapes(sizes)).map(([key, shape]) => {
      const length = shape.reduce((product, size) => product * size, 1);
      return [key, { shape, data: Float32Array.from({ length }, draw(key, shape, random)) }];
    }),
  );
}

function draw(key: string, shape: readonly number[], random: Random): () => number {
  if (key === "logit_scale") return () => Math.log(LOGIT_SCALE);
  if (key.endsWith("bias")) return () => 0;
  if (/embedding/.test(key)) return () => EMBEDDING_DEVIATION * random.normal();
  if (shape.length === 1) return () => 1; // normalisation
  const isStoredAcross = key === "text_projection" || key === "visual.proj"; // [in, out]
  const inputs = isStoredAcross ? shape[0]! : shape.slice(1).reduce((product, size) => product * size, 1);
  return () => random.normal() / Math.sqrt(inputs);
}
