import type { Precision } from "@segany/graph";
import type { StateDict } from "@segany/graph/weights";
import { SamError } from "@segany/masks";
import { keptThresholds } from "../checkpoint/everything-thresholds.js";
import { findModelVariant } from "../checkpoint/registry.js";
import { familyOf } from "../families/registry.js";
import { refuseUnused } from "../families/unused-tensors.js";
import {
  hashWithPreprocessing,
  isSamPreprocessing,
  type PreprocessingRequest,
  resolvePreprocessing,
} from "../model/image-preprocessing.js";
import type { ModelFamily } from "../model/model-family.js";
import type { ModelInfo } from "./types.js";

/** A model with open weights, and what builds its graphs. */
export interface RecognisedModel {
  readonly model: ModelInfo;
  readonly family: ModelFamily;
}

/** Options of `recogniseModel`. */
export interface RecogniseOptions {
  /** Accept weights inside the model that it does not use. */
  readonly ignoreUnused?: boolean | undefined;
  /** How its images are preprocessed; default is as for the published models. */
  readonly preprocessing?: PreprocessingRequest | undefined;
  /** Default is all known families. */
  readonly families?: readonly ModelFamily[];
}

/**
 * Identifies the model of a checkpoint.
 *
 * @param name expected model, a name of `samModelRegistry`; detected if missing
 * @throws SamError `model-unknown`; `checkpoint-invalid` for a checkpoint of no known family or of another
 *   model; `checkpoint-unsupported` also for a changed network; `option-invalid` for the preprocessing
 */
export async function recogniseModel(
  state: StateDict,
  name: string | undefined,
  precision: Precision,
  { ignoreUnused = false, preprocessing, families }: RecogniseOptions = {},
): Promise<RecognisedModel> {
  const family = familyOf(state.tensors, families);
  const { name: inferred, architecture: published } = family.infer(state.tensors);
  const { architecture, sha256 } = await withPreprocessing(state, family, published, preprocessing);
  const everythingThresholds = keptThresholds(state);
  const model = {
    ...family.io(architecture),
    name: checkName(name, inferred, state.source),
    checkpointSha256: sha256,
    source: state.source,
    family: family.name,
    architecture,
    precision,
    ...(everythingThresholds && { everythingThresholds }),
  };
  if (!ignoreUnused) refuseUnused({ family, model }, state.tensors);
  return { model, family };
}

async function withPreprocessing(
  { sha256 }: StateDict,
  family: ModelFamily,
  architecture: unknown,
  request: PreprocessingRequest | undefined,
): Promise<{ readonly architecture: unknown; readonly sha256: string }> {
  const preprocessing = request && resolvePreprocessing(request);
  if (!preprocessing || isSamPreprocessing(preprocessing)) return { architecture, sha256 };
  if (!family.withPreprocessing)
    throw new SamError("option-invalid", `The preprocessing of ${family.name} can't be chosen.`);
  return {
    architecture: family.withPreprocessing(architecture, preprocessing),
    sha256: await hashWithPreprocessing(sha256, preprocessing),
  };
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
