/**
 * Give plain arrays their brand: for values that are computed, and for those from outside that are said to be
 * one.
 */
import type {
  Accepts,
  CocoBoxXywh,
  ExclusiveBoxXyxy,
  ImagePoint,
  InclusiveBoxXyxy,
  MetaBoxXywh,
  ModelBoxXyxy,
  ModelPoint,
} from "./frames.js";

export const imagePoint = (point: Accepts<ImagePoint>) => point as ImagePoint;
export const modelPoint = (point: Accepts<ModelPoint>) => point as ModelPoint;
export const modelBox = (boxXyxy: Accepts<ModelBoxXyxy>) => boxXyxy as ModelBoxXyxy;
export const inclusiveBox = (boxXyxy: Accepts<InclusiveBoxXyxy>) => boxXyxy as InclusiveBoxXyxy;
export const exclusiveBox = (boxXyxy: Accepts<ExclusiveBoxXyxy>) => boxXyxy as ExclusiveBoxXyxy;
export const cocoBox = (boxXywh: Accepts<CocoBoxXywh>) => boxXywh as CocoBoxXywh;
export const metaBox = (boxXywh: Accepts<MetaBoxXywh>) => boxXywh as MetaBoxXywh;
