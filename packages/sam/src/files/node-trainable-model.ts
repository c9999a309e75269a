import type { StateDict } from "@segany/graph/weights";
import { type RgbaImage, SamError } from "@segany/masks";
import { cacheDirectory } from "@segany/runtime/files";
import { recogniseModel } from "../engine/model-info.js";
import type { ModelInfo } from "../engine/types.js";
import type { NamedTensors, PlainNetwork } from "../model/model-family.js";
import { prepareImage } from "../preprocessing/prepare-image.js";
import { openState, recogniseOptions, type WeightsOptions } from "./node-open-state.js";

/** A model whose weights can be trained. */
export interface TrainableModel {
  readonly model: ModelInfo;
  /** All weights under the names that the network uses. */
  readonly state: StateDict;
  readonly network: PlainNetwork;
  /** Whether a tensor belongs to the prompt encoder or the mask decoder. */
  readonly isDecoderKey: (key: string) => boolean;
  /** The image encoder's inputs for an image: resized, normalised and padded. Their shapes never change. */
  prepare(image: RgbaImage): NamedTensors;
}

/** Selects the weights. */
export interface OpenTrainableOptions extends WeightsOptions {
  /** Folder for downloads; default is SEGANY_CACHE or the user's cache folder. */
  readonly cacheDirectory?: string;
}

/**
 * Opens a model's weights and network for training. Close its `state` when done.
 *
 * @param name as for `loadSam`
 * @throws SamError as `loadSam`; `checkpoint-unsupported` for a family that can't be trained
 */
export async function openTrainableModel(
  name?: string,
  options: OpenTrainableOptions = {},
): Promise<TrainableModel> {
  const folder = options.cacheDirectory ?? cacheDirectory();
  const state = await openState({ ...options, ...(name && { name }), cacheDirectory: folder });
  try {
    const { model, family } = await recogniseModel(state, name, "fp32", recogniseOptions(options));
    const network = family.network?.(model.architecture);
    const prepare = (image: RgbaImage) =>
      family.prepare(prepareImage(image, model).resized, model.architecture);
    const { isDecoderKey } = family;
    if (network) return { model, state, network, isDecoderKey, prepare };
    throw new SamError("checkpoint-unsupported", `Models of the family ${family.name} can't be trained.`);
  } catch (error) {
    await state.close();
    throw error;
  }
}
