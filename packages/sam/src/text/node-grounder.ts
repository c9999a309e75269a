import { SamError } from "@segany/masks";
import { lazySession } from "@segany/runtime";
import { cacheDirectory as defaultCacheDirectory, openCheckpointFile } from "@segany/runtime/files";
import { type DeviceRequest, resolveDevice, sessionOpener } from "@segany/runtime/node";
import { type FieldNames, refuseUnknown } from "../known-options.js";
import type { MaskGeneratorModel } from "../mask-generator/automatic-mask-generator.js";
import { mapClipKeys } from "./clip-keys.js";
import { createDetector } from "./detector/detector.js";
import { openCocoSsdWeights } from "./detector/node-coco-ssd.js";
import { ssdGraph } from "./detector/ssd-graph.js";
import type { TextGrounder } from "./grounding.js";
import { openClip } from "./node-clip.js";
import { isOwl, openOwl } from "./owl/node-owl.js";
import { createClipRank } from "./rank/clip-rank.js";

/** Which engine, and where it runs. */
export interface OpenTextGrounderOptions extends Pick<DeviceRequest, "device" | "threads"> {
  /**
   * Weights of an engine for any words: OWLv2's or OWL-ViT's, or CLIP's (see `openClip`), as a file or its
   * folder. Default is the embedded detector.
   */
  readonly checkpoint?: string;
  /** With CLIP: the model whose everything mode finds the masks. It stays the caller's. */
  readonly sam?: MaskGeneratorModel;
  /** Folder for built graphs; default is SEGANY_CACHE or the user's cache folder. */
  readonly cacheDirectory?: string;
}

const FIELDS: FieldNames<OpenTextGrounderOptions> = {
  checkpoint: true,
  sam: true,
  cacheDirectory: true,
  device: true,
  threads: true,
};

/**
 * Opens an engine for words. The embedded one is a detector of COCO's 80 kinds of things (SSDLite with
 * MobileNetV2), with synonyms and names for several kinds ("puppy", "vehicle", "animal"); it needs no file
 * and no network. Weights of your own understand any words: OWLv2 and OWL-ViT find boxes (engine `owl`), CLIP
 * ranks the masks of everything mode (`clip-rank`).
 *
 * @throws SamError `checkpoint-not-found`; `checkpoint-invalid` for weights of something else,
 *   `checkpoint-unsupported`, `checkpoint-unsafe`; `option-invalid` for CLIP without `sam`;
 *   `device-unavailable`
 *
 * @example
 * await using grounder = await openTextGrounder();
 * const { engine, objects } = await grounder.ground(image, "fruit");
 * console.log(engine, objects.every(({ label }) => label === "fruit")); // detector true
 */
export async function openTextGrounder(options: OpenTextGrounderOptions = {}): Promise<TextGrounder> {
  refuseUnknown(options, FIELDS, "openTextGrounder");
  const { checkpoint, cacheDirectory = defaultCacheDirectory(), device, threads } = options;
  const where = { cacheDirectory, ...(device && { device }), ...(threads && { threads }) };
  if (checkpoint === undefined) return openDetector(where);
  const state = await openCheckpointFile(checkpoint, { cacheDirectory, mapKeys: mapClipKeys });
  try {
    if (isOwl(state)) return await openOwl(state, { ...where, checkpoint });
  } catch (error) {
    await state.close();
    throw error;
  }
  await state.close();
  if (!options.sam)
    throw new SamError(
      "option-invalid",
      `${checkpoint} is none of OWLv2's or OWL-ViT's weights. To rank masks by CLIP, give the model that finds them, too: openTextGrounder({ checkpoint, sam }).`,
    );
  return createClipRank({ clip: await openClip({ ...where, checkpoint }), sam: options.sam });
}

type Where = Required<Pick<OpenTextGrounderOptions, "cacheDirectory">> &
  Pick<OpenTextGrounderOptions, "device" | "threads">;

async function openDetector({ cacheDirectory, ...request }: Where): Promise<TextGrounder> {
  const device = resolveDevice(request);
  const state = await openCocoSsdWeights();
  const open = sessionOpener(device, cacheDirectory, state.sha256);
  const { tensors, load, source, sha256, close } = state;
  const session = lazySession(() => open(ssdGraph(tensors), load));
  return createDetector({ session, checkpointSha256: sha256, source, close });
}
