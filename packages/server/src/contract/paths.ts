import type { EmbeddingDtype } from "./images.js";
import { API_VERSION } from "./version.js";

/**
 * Paths of all routes, without a leading slash: a client resolves them against the address of its page.
 * `version` is the id of a version of a project's model, instead of the server's model.
 */
export const paths = {
  /** @param id lists only the image with this id, if it exists */
  images: (id?: string) => `${API_VERSION}/images${id === undefined ? "" : `?id=${id}`}`,
  image: (id: string, version?: string) => `${API_VERSION}/images/${id}${of(version)}`,
  preview: (id: string, maxSide?: number) =>
    `${API_VERSION}/images/${id}/preview${maxSide === undefined ? "" : `?maxSide=${maxSide}`}`,
  imageEvents: (id: string, version?: string) => `${API_VERSION}/images/${id}/events${of(version)}`,
  embedding: (id: string, dtype: EmbeddingDtype, version?: string) =>
    `${API_VERSION}/images/${id}/embedding?dtype=${dtype}${version === undefined ? "" : `&version=${version}`}`,
  predict: (id: string, version?: string) => `${API_VERSION}/images/${id}/predict${of(version)}`,
  segment: (id: string, version?: string) => `${API_VERSION}/images/${id}/segment${of(version)}`,
  masks: (id: string) => `${API_VERSION}/images/${id}/masks`,
  classes: () => `${API_VERSION}/classes`,
  cutOuts: (id: string) => `${API_VERSION}/images/${id}/cut-outs`,
  job: (id: string) => `${API_VERSION}/jobs/${id}`,
  jobEvents: (id: string) => `${API_VERSION}/jobs/${id}/events`,
  jobMasks: (id: string) => `${API_VERSION}/jobs/${id}/masks`,
  model: (version?: string) => `${API_VERSION}/model${of(version)}`,
  modelDecoder: (version?: string) => `${API_VERSION}/model/decoder${of(version)}`,
  currentModel: (project: string) => `${API_VERSION}/engine/projects/${project}/model`,
  modelEvents: (project: string) => `${API_VERSION}/engine/projects/${project}/model/events`,
} as const;

/** The query for a version of a project's model; nothing for the server's. */
function of(version: string | undefined): string {
  return version === undefined ? "" : `?version=${version}`;
}
