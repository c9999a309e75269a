import { createHash } from "node:crypto";
import type { ModelInfo } from "@segany/sam";
import type { VersionModel, WorkerStarted } from "../inference/messages.js";
import { PRIORITY, type WorkerPool } from "../inference/worker-pool.js";
import { createLruMap } from "../lru-map.js";

/** Versions whose decoders are kept in memory for pages; about 16 MB each. */
const MAX_DECODERS = 4;

/** An opened model, with what a page needs to decode with it. */
export interface ModelParts {
  readonly model: ModelInfo;
  /** `.safetensors`. */
  readonly decoderWeights: Uint8Array;
  /** SHA-256 of the weights. */
  readonly decoderSha256: string;
}

/** Asks workers for the parts of versions, once for each. */
export function createPartsOf(
  pool: Pick<WorkerPool, "call">,
): (version: VersionModel) => Promise<ModelParts> {
  const known = createLruMap<string, Promise<ModelParts>>(MAX_DECODERS);
  return (version) => {
    const found = known.get(version.checkpoint);
    if (found) return found;
    const asking = pool.call("describe", version, { priority: () => PRIORITY.click }).then(toParts);
    known.set(version.checkpoint, asking);
    asking.catch(() => known.delete(version.checkpoint));
    return asking;
  };
}

export function toParts({ model, decoderWeights }: WorkerStarted): ModelParts {
  const decoderSha256 = createHash("sha256").update(decoderWeights).digest("hex");
  return { model, decoderWeights, decoderSha256 };
}
