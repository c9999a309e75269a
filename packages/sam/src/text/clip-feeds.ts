/** Inputs of CLIP's towers. */
import { type RgbaImage, SamError } from "@segany/masks";
import type { RunTensor } from "@segany/runtime";
import type { ClipArchitecture } from "./clip-architecture.js";
import { clipPixels } from "./clip-pixels.js";
import { CLIP_CONTEXT, type ClipTokenizer, type TokenizeOptions } from "./clip-tokenizer.js";

/** @throws SamError `prompt-invalid` for an empty text, and as the tokenizer */
export function tokensOf(text: string, tokenizer: ClipTokenizer, options: TokenizeOptions): Int32Array {
  const tokens = tokenizer.tokenize(text, options);
  if (tokens[1] !== tokenizer.end) return tokens;
  throw new SamError("prompt-invalid", "The text is empty: it has no letters, digits or signs.");
}

/** Ids up to the longest text's end mark: tokens after an end mark have no effect. */
export function textTensors(texts: readonly Int32Array[], end: number): Record<string, RunTensor> {
  const ends = texts.map((tokens) => tokens.indexOf(end));
  const length = Math.max(...ends) + 1;
  const ids = texts.flatMap((tokens) => Array.from(tokens.subarray(0, length), BigInt));
  return {
    tokens: { dtype: "int64", shape: [texts.length, length], data: BigInt64Array.from(ids) },
    ends: { dtype: "int64", shape: [texts.length], data: BigInt64Array.from(ends, BigInt) },
  };
}

/** Bx3xSxS. */
export function imageTensor(images: readonly RgbaImage[], side: number): RunTensor {
  const size = 3 * side * side;
  const data = new Float32Array(images.length * size);
  images.forEach((image, i) => {
    clipPixels(image, side, data.subarray(i * size, (i + 1) * size));
  });
  return { dtype: "float32", shape: [images.length, 3, side, side], data };
}

/** BxN: which patches show the object of a crop. */
export function shownTensor(
  crops: readonly RgbaImage[],
  { imageSize, patchSize }: ClipArchitecture["image"],
): RunTensor {
  const side = imageSize / patchSize;
  const data = new Float32Array(crops.length * side * side);
  crops.forEach((crop, i) => {
    data.set(patchesShown(crop, side), i * side * side);
  });
  return { dtype: "float32", shape: [crops.length, side * side], data };
}

/** Of side x side patches of a square crop 1 for those with a pixel whose alpha is above 0. */
function patchesShown({ width, height, data }: RgbaImage, side: number): Float32Array {
  const shown = new Float32Array(side * side);
  const patch = (pixel: number) => Math.floor((pixel * side) / width);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      if (data[4 * (y * width + x) + 3]! > 0) shown[patch(y) * side + patch(x)] = 1;
  if (width === height && shown.includes(1)) return shown;
  throw new SamError(
    "option-invalid",
    `An object is shown in a square with alpha above 0 on it; given are ${width} x ${height} pixels${shown.includes(1) ? "" : ", all transparent"}.`,
  );
}

/**
 * Inputs of both towers for images and their captions, and `own`, BxB: which caption is whose.
 *
 * @param side pixels of an image, as the image tower takes it
 * @throws SamError `prompt-invalid`, `option-invalid`, `image-empty`
 */
export function clipFeeds(
  batch: readonly { readonly image: RgbaImage; readonly text: string }[],
  tokenizer: ClipTokenizer,
  side: number,
): Record<string, RunTensor> {
  const texts = batch.map(({ text }) => tokensOf(text, tokenizer, { length: CLIP_CONTEXT }));
  const images = imageTensor(
    batch.map(({ image }) => image),
    side,
  );
  const own = Float32Array.from({ length: batch.length ** 2 }, (_, i) =>
    i % (batch.length + 1) === 0 ? 1 : 0,
  );
  return {
    images,
    ...textTensors(texts, tokenizer.end),
    own: { dtype: "float32", shape: [batch.length, batch.length], data: own },
  };
}
