import type { Precision } from "@segany/graph";
import type { StateDict } from "@segany/graph/weights";
import { SamError } from "@segany/masks";
import { findModelVariant } from "../checkpoint/registry.js";
import { familyOf } from "../families/registry.js";
import { refuseUnused } from "../families/unused-tensors.js";
import type { ModelFamily } from "../model/model-family.js";
import type { ModelInfo } from "./types.js";

/** A model with open weights, and what builds its graphs. */
export interface RecognisedModel {
  readonly model: ModelInfo;
  readonly family: ModelFamily;
}

/** Options of `recogniseModel`. */
export interface RecogniseOptions {
  readonly ignoreUnused?: boolean | undefined;
  /** Default is all known families. */
  readonly families?: readonly ModelFamily[];
}

/**
 * Identifies the model of a checkpoint.
 *
 * @param name expected model, a name of `samModelRegistry`; detected if missing
 * @param ignoreUnused accept weights inside the model that it does not use
 * @throws SamError `model-unknown`; `checkpoint-invalid` for a checkpoint of no known family or of another
 *   model; `checkpoint-unsupported` also for a changed network
 */
export function recogniseModel(
  state: StateDict,
  name: string | undefined,
  precision: Precision,
  { ignoreUnused = false, families }: RecogniseOptions = {},
): RecognisedModel {
  const family = familyOf(state.tensors, families);
  const { name: inferred, architecture } = family.infer(state.tensors);
  const model = {
    ...family.io(architecture),
    name: checkName(name, inferred, state.source),
    checkpointSha256: state.sha256,
    source: state.source,
    family: family.name,
    architecture,
    precision,
  };
  if (!ignoreUnused) refuseUnused({ family, model }, state.tensors);
  return { model, family };
}

function checkName(name: string | undefined, inferred: string, source: string): string {
  if (!name) return inferred;
  const variant = findModelVariant(name);
  if (variant.architecture !== inferred) {
    throw new SamError(
      "checkpoint-invalid",
      `${source} has a ${inferred} model, not ${variant.architecture}. Omit the model's name, or give the right file.`,
    );
  }
  return variant.name;
}
