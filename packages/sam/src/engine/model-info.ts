import type { Precision } from "@segany/graph";
import type { StateDict } from "@segany/graph/weights";
import { SamError } from "@segany/masks";
import { findModelVariant } from "../checkpoint/registry.js";
import { inferArchitecture } from "../families/sam/infer-architecture.js";
import type { ModelInfo } from "./types.js";

/**
 * What a checkpoint tells of its model.
 *
 * @param name the model it should be, a name of `samModelRegistry`; left out, the checkpoint tells
 * @throws SamError `model-unknown`, or `checkpoint-invalid` for a checkpoint of another model, which is a mistake worth
 *   telling
 */
export function describeModel(state: StateDict, name: string | undefined, precision: Precision): ModelInfo {
  const { name: inferred, ...architecture } = inferArchitecture(state.tensors);
  return {
    name: checkName(name, inferred, state.source),
    checkpointSha256: state.sha256,
    source: state.source,
    architecture,
    precision,
  };
}

function checkName(name: string | undefined, inferred: string, source: string): string {
  if (!name) return inferred;
  const variant = findModelVariant(name);
  if (variant.architecture !== inferred) {
    throw new SamError(
      "checkpoint-invalid",
      `${source} holds a ${inferred} model, not ${variant.architecture}. Leave the model's name out, or give the right file.`,
    );
  }
  return variant.name;
}
