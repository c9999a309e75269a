/** Concatenated feature maps, for networks and `.npy` files. */

import { elementCount } from "@segany/graph/weights";
import type { FeatureShapes } from "../model/model-io.js";
import type { ImageEmbedding } from "./image-embedding.js";

/** Concatenates the values of all maps, in order. A single map is not copied. */
export function joinFeatures(features: ImageEmbedding["features"]): Float32Array {
  const maps = Object.values(features);
  if (maps.length === 1) return maps[0]!.data;
  const joined = new Float32Array(maps.reduce((total, { data }) => total + data.length, 0));
  let at = 0;
  for (const { data } of maps) {
    joined.set(data, at);
    at += data.length;
  }
  return joined;
}

/** Number of values that {@link splitFeatures} expects. */
export function valueCount(shapes: FeatureShapes): number {
  return Object.values(shapes).reduce((total, shape) => total + elementCount(shape), 0);
}

/** Splits concatenated values into maps: views of `values`, which must have {@link valueCount} elements. */
export function splitFeatures(values: Float32Array, shapes: FeatureShapes): ImageEmbedding["features"] {
  let at = 0;
  return Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const start = at;
      at += elementCount(shape);
      return [name, { shape, data: values.subarray(start, at) }];
    }),
  );
}
