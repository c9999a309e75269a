import type { RgbaImage } from "@segany/masks";
import { suppressNonMaxima } from "../edges/edge-nms.js";
import { type FloatMap, normaliseMap, toGrey } from "../edges/float-map.js";
import { sobelMagnitude } from "../edges/sobel.js";

/**
 * Edges without any model: Sobel's gradient of the grey image, thinned. Its published ODS on BSDS500 is .539
 * (paper, table 3); the evaluation runs it to show that the benchmark measures what it should.
 *
 * @returns strengths in [0, 1]
 *
 * @example
 * const { width, height } = imageSobelEdges(image);
 * console.log(width, height); // 1200 800
 */
export function imageSobelEdges(image: RgbaImage): FloatMap {
  return normaliseMap(suppressNonMaxima(normaliseMap(sobelMagnitude(toGrey(image)))));
}
