import type { StateDict } from "@segany/graph/weights";
import { SamError } from "@segany/masks";
import { lazySession } from "@segany/runtime";
import { cacheDirectory, openCheckpointFile } from "@segany/runtime/files";
import { type DeviceRequest, resolveDevice, sessionOpener } from "@segany/runtime/node";
import { type FieldNames, refuseUnknown } from "../known-options.js";
import { type Clip, createClip } from "./clip.js";
import { inferClip } from "./clip-architecture.js";
import { clipImageTower, clipObjectTower } from "./clip-image-tower.js";
import { mapClipKeys } from "./clip-keys.js";
import type { ClipActivation } from "./clip-layers.js";
import { clipTextTower } from "./clip-text-tower.js";
import { openClipTokenizer } from "./node-clip-vocabulary.js";
import { configuredActivation } from "./node-hidden-act.js";

/** Which weights, and where they run. */
export interface OpenClipOptions extends Pick<DeviceRequest, "device" | "threads"> {
  /**
   * A file of CLIP's weights: OpenAI's archive (`ViT-B-32.pt`), OpenCLIP's state dict, Hugging Face's
   * `model.safetensors`, or the folder of it.
   */
  readonly checkpoint: string;
  /**
   * The activation of the MLPs, which no weights tell. Default is `quick-gelu` for OpenAI's archives, `gelu`
   * for OpenCLIP's files, and for Hugging Face's what `config.json` beside them says (`quick-gelu` without).
   * OpenAI's weights saved as a state dict look like OpenCLIP's: give `quick-gelu`.
   */
  readonly activation?: ClipActivation;
  /** Folder for built graphs; default is SEGANY_CACHE or the user's cache folder. */
  readonly cacheDirectory?: string;
}

const FIELDS: FieldNames<OpenClipOptions> = {
  checkpoint: true,
  activation: true,
  cacheDirectory: true,
  device: true,
  threads: true,
};

/**
 * Opens a CLIP model with a ViT: ViT-B/32, B/16, L/14, L/14@336 or another size, as the weights have it.
 *
 * @throws SamError `checkpoint-not-found`; `checkpoint-invalid` if it is no CLIP; `checkpoint-unsupported`
 *   for a ResNet, SigLIP, another vocabulary or wider towers; `checkpoint-unsafe`, `device-unavailable`
 *
 * @example
 * import { existsSync } from "node:fs";
 * const checkpoint = "ViT-B-32.pt";
 * if (existsSync(checkpoint)) {
 *   await using clip = await openClip({ checkpoint });
 *   const [cat, dog] = await clip.embedText(["a photo of a cat", "a photo of a dog"]);
 *   console.log(similarity(cat!, dog!));
 * }
 */
export async function openClip(options: OpenClipOptions): Promise<Clip> {
  refuseUnknown(options, FIELDS, "openClip");
  const directory = options.cacheDirectory ?? cacheDirectory();
  const device = resolveDevice(options);
  const state = await openCheckpointFile(options.checkpoint, {
    cacheDirectory: directory,
    mapKeys: mapClipKeys,
  });
  try {
    const architecture = inferClip(state.tensors);
    const activation = options.activation ?? (await defaultActivation(state, options.checkpoint));
    checkActivation(activation);
    const logitScale = Math.exp((await state.load("logit_scale"))[0]!);
    const open = sessionOpener(device, directory, state.sha256);
    const { tensors, load, source } = state;
    return createClip({
      architecture,
      activation,
      checkpointSha256: state.sha256,
      logitScale,
      source,
      text: lazySession(() => open(clipTextTower(tensors, architecture, activation), load)),
      image: lazySession(() => open(clipImageTower(tensors, architecture, activation), load)),
      object: lazySession(() => open(clipObjectTower(tensors, architecture, activation), load)),
      openTokenizer: openClipTokenizer,
      close: state.close,
    });
  } catch (error) {
    await state.close();
    throw withSource(error, state.source);
  }
}

/** OpenAI's archives hold their sizes as tensors; a state dict with OpenAI's names is OpenCLIP's. */
async function defaultActivation({ tensors }: StateDict, checkpoint: string): Promise<ClipActivation> {
  if (tensors.has("input_resolution")) return "quick-gelu";
  if (tensors.has("visual.proj")) return "gelu";
  return (await configuredActivation(checkpoint)) ?? "quick-gelu";
}

function checkActivation(activation: string): void {
  if (activation === "gelu" || activation === "quick-gelu") return;
  throw new SamError("option-invalid", `The activation is "${activation}"; give "gelu" or "quick-gelu".`);
}

function withSource(error: unknown, source: string): unknown {
  if (!(error instanceof SamError) || error.message.includes(source)) return error;
  return new SamError(error.code, `${source}: ${error.message}`, { cause: error });
}
