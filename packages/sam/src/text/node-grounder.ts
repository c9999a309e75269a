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
import { TEXT_ENGINES, type TextEngine, type TextGrounder } from "./grounding.js";
import { openClip } from "./node-clip.js";
import { isOwl, openOwl } from "./owl/node-owl.js";
import { createClipPrompt } from "./prompt/clip-prompt.js";
import { openTextProjection } from "./prompt/node-text-projection.js";
import { createClipRank } from "./rank/clip-rank.js";

/** Which engine, and where it runs. */
export interface OpenTextGrounderOptions extends Pick<DeviceRequest, "device" | "threads"> {
  /**
   * Weights of an engine for any words: OWLv2's or OWL-ViT's, or CLIP's (see `openClip`), as a file or its
   * folder. Default is the embedded detector.
   */
  readonly checkpoint?: string;
  /**
   * With CLIP: the model whose everything mode finds the masks, or that was trained with `projection`. It
   * stays the caller's.
   */
  readonly sam?: MaskGeneratorModel;
  /**
   * With CLIP: the file that `segany train --text` wrote beside the model (`best.text.safetensors`); words
   * are then a prompt of the model itself.
   */
  readonly projection?: string;
  /** The engine that must come of it, to be sure; by default it follows from the weights. */
  readonly engine?: TextEngine;
  /** Folder for built graphs; default is SEGANY_CACHE or the user's cache folder. */
  readonly cacheDirectory?: string;
}

const FIELDS: FieldNames<OpenTextGrounderOptions> = {
  checkpoint: true,
  sam: true,
  projection: true,
  engine: true,
  cacheDirectory: true,
  device: true,
  threads: true,
};

/**
 * Opens an engine for words. The embedded one is a detector of COCO's 80 kinds of things (SSDLite with
 * MobileNetV2), with synonyms and names for several kinds ("puppy", "vehicle", "animal"); it needs no file
 * and no network. Weights of your own understand any words: OWLv2 and OWL-ViT find boxes (engine `owl`), CLIP
 * ranks the masks of everything mode (`clip-rank`), or gives prompts to a model that was trained to take them
 * (`clip-prompt`).
 *
 * @throws SamError `checkpoint-not-found`; `checkpoint-invalid` for weights of something else,
 *   `checkpoint-unsupported`, `checkpoint-unsafe`; `text-unavailable` if the engine that is asked for needs
 *   a file that is not given; `embedding-mismatch` for a projection of another CLIP or model;
 *   `option-invalid` for CLIP without `sam`, or another engine than the weights are for;
 *   `device-unavailable`
 *
 * @example
 * await using grounder = await openTextGrounder();
 * const { engine, objects } = await grounder.ground(image, "fruit");
 * console.log(engine, objects.every(({ label }) => label === "fruit")); // detector true
 */
export async function openTextGrounder(options: OpenTextGrounderOptions = {}): Promise<TextGrounder> {
  refuseUnknown(options, FIELDS, "openTextGrounder");
  checkNeeds(options);
  const grounder = await openEngine(options);
  const { projection, engine = projection === undefined ? grounder.engine : "clip-prompt" } = options;
  if (engine === grounder.engine) return grounder;
  await grounder.close();
  throw new SamError(
    "option-invalid",
    `${options.checkpoint} is for the engine ${grounder.engine}, not for ${engine}. Give other weights, or leave the engine out.`,
  );
}

/** Before weights are opened, says what an engine lacks. */
function checkNeeds({ engine, checkpoint, projection }: OpenTextGrounderOptions): void {
  if (engine !== undefined && !TEXT_ENGINES.includes(engine))
    throw new SamError(
      "option-invalid",
      `There is no engine "${engine}" for words; choose ${TEXT_ENGINES.join(", ")}.`,
    );
  const lacking = (what: string) =>
    new SamError("text-unavailable", `The engine ${engine ?? "clip-prompt"} for words needs ${what}`);
  if (checkpoint === undefined && (projection !== undefined || (engine && engine !== "detector")))
    throw lacking(`weights of ${engine === "owl" ? "OWLv2 or OWL-ViT" : "CLIP"}; none are given.`);
  if (checkpoint !== undefined && engine === "detector")
    throw new SamError("option-invalid", "The engine detector has its own weights; leave the others out.");
  if (engine === "clip-prompt" && projection === undefined)
    throw lacking(
      "a projection that was trained together with the model, and none is given: `segany train --text` writes one beside its checkpoints (best.text.safetensors).",
    );
  if (projection !== undefined && engine !== undefined && engine !== "clip-prompt")
    throw new SamError("option-invalid", `The engine ${engine} takes no projection; leave it out.`);
}

async function openEngine(options: OpenTextGrounderOptions): Promise<TextGrounder> {
  const { checkpoint, cacheDirectory = defaultCacheDirectory(), device, threads, sam, projection } = options;
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
  if (!sam)
    throw new SamError(
      "option-invalid",
      `${checkpoint} is none of OWLv2's or OWL-ViT's weights. To rank masks by CLIP, give the model that finds them, too: openTextGrounder({ checkpoint, sam }).`,
    );
  const trained = projection === undefined ? undefined : await openTextProjection(projection);
  const clip = await openClip({ ...where, checkpoint });
  try {
    return trained ? createClipPrompt({ clip, projection: trained, sam }) : createClipRank({ clip, sam });
  } catch (error) {
    await clip.close();
    throw error;
  }
}

type Where = Required<Pick<OpenTextGrounderOptions, "cacheDirectory">> &
  Pick<OpenTextGrounderOptions, "device" | "threads">;

/** On one thread by default: others would spin for a while after it, in the way of the decoder's. */
async function openDetector({ cacheDirectory, threads = 1, ...request }: Where): Promise<TextGrounder> {
  const device = resolveDevice({ ...request, threads });
  const state = await openCocoSsdWeights();
  const open = sessionOpener(device, cacheDirectory, state.sha256);
  const { tensors, load, source, sha256, close } = state;
  const session = lazySession(() => open(ssdGraph(tensors), load));
  return createDetector({ session, checkpointSha256: sha256, source, close });
}
