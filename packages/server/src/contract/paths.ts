import type { EmbeddingDtype } from "./images.js";
import { API_VERSION } from "./version.js";

/** Paths of all routes, without a leading slash: a client resolves them against the address of its page. */
export const paths = {
  /** @param id lists only the image with this id, if it exists */
  images: (id?: string) => `${API_VERSION}/images${id === undefined ? "" : `?id=${id}`}`,
  image: (id: string) => `${API_VERSION}/images/${id}`,
  preview: (id: string, maxSide?: number) =>
    `${API_VERSION}/images/${id}/preview${maxSide === undefined ? "" : `?maxSide=${maxSide}`}`,
  imageEvents: (id: string) => `${API_VERSION}/images/${id}/events`,
  embedding: (id: string, dtype: EmbeddingDtype) => `${API_VERSION}/images/${id}/embedding?dtype=${dtype}`,
  predict: (id: string) => `${API_VERSION}/images/${id}/predict`,
  segment: (id: string) => `${API_VERSION}/images/${id}/segment`,
  masks: (id: string) => `${API_VERSION}/images/${id}/masks`,
  classes: () => `${API_VERSION}/classes`,
  cutOuts: (id: string) => `${API_VERSION}/images/${id}/cut-outs`,
  job: (id: string) => `${API_VERSION}/jobs/${id}`,
  jobEvents: (id: string) => `${API_VERSION}/jobs/${id}/events`,
  jobMasks: (id: string) => `${API_VERSION}/jobs/${id}/masks`,
  model: () => `${API_VERSION}/model`,
  modelDecoder: () => `${API_VERSION}/model/decoder`,
} as const;
