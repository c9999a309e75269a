import type { Segmenter } from "../segmentation/types.js";
import type { ModelSource } from "../state/selectors.js";
import type { ModelStatus, RunMode } from "../state/status.js";

/** Makes the segmenter of a mode, which tells of its model. @param version of the project's model, if any */
export type CreateSegmenter = (
  mode: RunMode,
  onModel: (status: ModelStatus) => void,
  version: string | null,
) => Segmenter;

/** Makes the segmenter of a source, which tells of its model as the source's. */
export function createFor(
  create: CreateSegmenter,
  { mode, version }: ModelSource,
  onModel: (status: ModelStatus) => void,
): Segmenter {
  return create(
    mode,
    (status) =>
      onModel(status.state === "ready" && version ? { ...status, version: version.number } : status),
    version?.id ?? null,
  );
}
