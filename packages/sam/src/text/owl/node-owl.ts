import type { StateDict } from "@segany/graph/weights";
import { invalidCheckpoint } from "@segany/graph/weights";
import { lazySession } from "@segany/runtime";
import type { DeviceRequest } from "@segany/runtime/node";
import { resolveDevice, sessionOpener } from "@segany/runtime/node";
import { createClip } from "../clip.js";
import { inferClip } from "../clip-architecture.js";
import { clipObjectTower } from "../clip-image-tower.js";
import { clipTextTower } from "../clip-text-tower.js";
import type { TextGrounder } from "../grounding.js";
import { openClipTokenizer } from "../node-clip-vocabulary.js";
import { configuredActivation } from "../node-hidden-act.js";
import { createOwl } from "./owl.js";
import { owlImageGraph } from "./owl-image-graph.js";

/** Whether a checkpoint is OWL-ViT's or OWLv2's, by its keys after `mapClipKeys`. */
export function isOwl({ tensors }: Pick<StateDict, "tensors">): boolean {
  return tensors.has("class_head.dense0.weight") && tensors.has("box_head.dense0.weight");
}

/** Where a model runs, and where its graphs are kept. */
export interface OpenOwlOptions extends Pick<DeviceRequest, "device" | "threads"> {
  /** File or folder of the weights. */
  readonly checkpoint: string;
  readonly cacheDirectory: string;
}

/**
 * Opens OWL-ViT or OWLv2 of Hugging Face's weights. OWLv2 is told by its head for objectness.
 *
 * @param state its weights under the names of `mapClipKeys`, which the engine owns
 * @throws SamError `checkpoint-invalid`, `checkpoint-unsupported`, `device-unavailable`
 */
export async function openOwl(state: StateDict, options: OpenOwlOptions): Promise<TextGrounder> {
  const { tensors, load, source, sha256 } = state;
  const architecture = inferClip(tensors);
  const embedding = tensors.get("class_head.dense0.weight")!.shape[0];
  if (embedding !== architecture.featureSize)
    throw invalidCheckpoint(
      `${source}: the class head has ${embedding} values and texts have ${architecture.featureSize}; they can't be compared.`,
    );
  const activation = (await configuredActivation(options.checkpoint)) ?? "quick-gelu";
  const open = sessionOpener(resolveDevice(options), options.cacheDirectory, sha256);
  const image = lazySession(() => open(owlImageGraph(tensors, architecture, activation), load));
  const text = createClip({
    architecture,
    activation,
    checkpointSha256: sha256,
    logitScale: 1,
    source,
    text: lazySession(() => open(clipTextTower(tensors, architecture, activation), load)),
    image,
    object: lazySession(() => open(clipObjectTower(tensors, architecture, activation), load)),
    openTokenizer: openClipTokenizer,
    close: state.close,
  });
  const kind = tensors.has("objectness_head.dense0.weight") ? "owlv2" : "owlvit";
  return createOwl({ kind, architecture, text, image, source, close: () => text.close() });
}
