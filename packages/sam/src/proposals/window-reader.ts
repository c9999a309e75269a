import type { Point } from "@segany/masks";
import type { ImageEmbedding } from "../embeddings/image-embedding.js";
import type { WindowMasks } from "../model/decoded-masks.js";
import { type BitMap, toBitMap } from "./bit-map.js";
import { MASK_THRESHOLD } from "./candidate.js";

/** A mask that extends beyond its window: only the full decoder can return it completely. */
export interface PartialView {
  /** In the unit square of the crop. */
  readonly point: Point;
  readonly predictedIou: number;
  /** The part in the window. */
  readonly bits: BitMap;
  /** Offset of the window, low-res pixels. */
  readonly x: number;
  readonly y: number;
}

/** What a window contains of a mask. */
export type WindowMask =
  /** All of it: a complete low-res map, valid until the next mask is read. */
  | { readonly kind: "whole"; readonly logits: Float32Array }
  /** A part, and its stability; NaN if it is empty. */
  | { readonly kind: "part"; readonly bits: BitMap; readonly stability: number };

/** Reads the masks of windows. */
export interface WindowReader {
  /** How much less stable a part may be than the whole mask. */
  readonly stabilitySlack: number;
  /** @param mask index of the mask in its batch: prompt by prompt, three each */
  read(seen: WindowMasks, mask: number): WindowMask;
}

const STABILITY_SLACK = 0.1;
/** Logit outside of a window for a mask that ends in it. */
const FAR_BELOW = -100;

/** Prepares reading for one image; `stabilityOffset` in logits. */
export function createWindowReader(
  { inputSize }: ImageEmbedding,
  lowResSize: number,
  stabilityOffset: number,
): WindowReader {
  const scale = lowResSize / Math.max(inputSize.width, inputSize.height);
  const image = { width: Math.ceil(inputSize.width * scale), height: Math.ceil(inputSize.height * scale) };
  const map = new Float32Array(lowResSize ** 2);
  const low = MASK_THRESHOLD - stabilityOffset;
  const high = MASK_THRESHOLD + stabilityOffset;

  /** Whether a pixel above the lowered threshold touches a side of the window that is inside the image. */
  function reachesOut(logits: Float32Array, { x, y, side }: WindowMasks): boolean {
    const last = side - 1;
    const [left, top] = [x > 0, y > 0];
    const [right, bottom] = [x + side < image.width, y + side < image.height];
    for (let i = 0; i < side; i++) {
      if (top && logits[i]! > low) return true;
      if (bottom && logits[last * side + i]! > low) return true;
      if (left && logits[i * side]! > low) return true;
      if (right && logits[i * side + last]! > low) return true;
    }
    return false;
  }

  function stabilityOf(logits: Float32Array, { x, y, side }: WindowMasks): number {
    const [width, height] = [Math.min(side, image.width - x), Math.min(side, image.height - y)];
    let [aboveLow, aboveHigh] = [0, 0];
    for (let row = 0; row < height; row++) {
      for (let at = row * side; at < row * side + width; at++) {
        if (logits[at]! > low) aboveLow++;
        if (logits[at]! > high) aboveHigh++;
      }
    }
    return aboveHigh / aboveLow;
  }

  return {
    stabilitySlack: STABILITY_SLACK,
    read(seen, mask) {
      const { x, y, side } = seen;
      const logits = seen.logits.subarray(mask * side * side, (mask + 1) * side * side);
      if (reachesOut(logits, seen)) {
        return { kind: "part", bits: toBitMap(logits, MASK_THRESHOLD), stability: stabilityOf(logits, seen) };
      }
      map.fill(FAR_BELOW);
      for (let row = 0; row < side; row++) {
        map.set(logits.subarray(row * side, (row + 1) * side), (y + row) * lowResSize + x);
      }
      return { kind: "whole", logits: map };
    },
  };
}
