import type { FeatureMaps } from "../model/encoder-objective.js";

/** A loss of a student's feature maps. */
export interface FeatureLoss {
  readonly loss: number;
  /** Gradients by the feature maps, by their names. */
  readonly gradients: ReadonlyMap<string, Float32Array>;
}

/** Mean squared difference of feature maps, and its gradients by the student's (arXiv 2306.14289). */
export function embeddingLoss(student: FeatureMaps, teacher: FeatureMaps): FeatureLoss {
  const count = Object.values(student).reduce((sum, { data }) => sum + data.length, 0);
  const gradients = new Map<string, Float32Array>();
  let loss = 0;
  for (const [name, map] of Object.entries(student)) {
    const [own, other] = [map.data as Float32Array, teacher[name]!.data as Float32Array];
    const gradient = own.map((value, i) => (2 * (value - other[i]!)) / count);
    loss += own.reduce((sum, value, i) => sum + (value - other[i]!) ** 2, 0) / count;
    gradients.set(name, gradient);
  }
  return { loss, gradients };
}
