import {
  areaOfRuns,
  emptyRuns,
  type MaskRuns,
  type RgbaImage,
  rleToRuns,
  runsToMask,
  sharedAreaOfRuns,
  xorRuns,
} from "@segany/masks";
import {
  decodeEmbeddingValues,
  describeEmbedding,
  encodeEmbeddingValues,
  type ImageEmbedding,
  type ImagePrompt,
  maskToLogits,
  removeSpecks,
  type Sam,
  SamPredictor,
} from "@segany/sam";
import type { Provenance } from "../annotations/annotation.js";
import type { PredictStep } from "../annotations/mask-steps.js";
import { type ReadStep, refused } from "./read-steps.js";
import type { ReplayPart, ReplayPlan } from "./replay-plan.js";

/** What a replay works with. */
export interface ReplayTools {
  /** Loads the model; called only for masks that need one. */
  readonly loadModel: () => Promise<Sam>;
  /** The pixels of an image, by the SHA-256 of its file. */
  readonly readImage: (id: string) => Promise<RgbaImage>;
  readonly signal?: AbortSignal;
}

/** A mask that was made again, beside the stored one. */
export interface ReplayResult {
  readonly mask: MaskRuns;
  readonly iou: number;
  /** Pixels that are inside exactly one of the two. */
  readonly differingPx: number;
  /** Answers of the model. */
  readonly prompts: number;
  readonly edits: number;
  /** Where the model ran that made the mask; absent where none was asked, or where it is not known. */
  readonly runsOn?: NonNullable<Provenance["runsOn"]>;
}

/** Makes masks again; an image is encoded once for masks that follow each other. */
export interface Replayer {
  /** @throws DataEngineError `not-replayable` with the hash of the checkpoint that is needed */
  replay(plan: ReplayPlan): Promise<ReplayResult>;
}

/** @param tools the caller closes the model */
export function createReplayer({ loadModel, readImage, signal }: ReplayTools): Replayer {
  let model: Promise<Sam> | undefined;
  let encoded: { readonly image: string; readonly embedding: ImageEmbedding } | undefined;

  async function open(
    { provenance, revision }: ReplayPart,
    { annotation, image }: ReplayPlan,
  ): Promise<Asked> {
    model ??= loadModel();
    const sam = await model;
    checkModel(provenance, sam, `Revision ${revision} of the mask ${annotation}`);
    const predictor = new SamPredictor(sam);
    if (encoded?.image !== image) {
      await predictor.setImage(await readImage(image), signal ? { signal } : {});
      encoded = { image, embedding: predictor.getImageEmbedding() };
    }
    const { embedding } = encoded;
    predictor.setImageEmbedding(provenance.runsOn === "server-encodes" ? asSent(embedding) : embedding);
    return { sam, predictor, signal };
  }

  async function run(plan: ReplayPlan): Promise<MaskRuns> {
    let state: State = { mask: emptyRuns(plan.size), logits: null };
    for (const part of plan.parts) {
      const asked = part.steps.some(({ kind }) => kind === "predict") ? await open(part, plan) : null;
      for (const step of part.steps) {
        signal?.throwIfAborted();
        if (step.kind === "edit") state = { mask: xorRuns(state.mask, step.change), logits: null };
        else if (step.kind === "predict") state = await predict(asked!, step, state);
      }
    }
    return state.mask;
  }

  return {
    async replay(plan) {
      const mask = await run(plan);
      const steps = plan.parts.flatMap((part) => part.steps);
      const differingPx = areaOfRuns(xorRuns(mask, plan.mask));
      const union = sharedAreaOfRuns(mask, plan.mask) + differingPx;
      const count = (kind: ReadStep["kind"]) => steps.filter((step) => step.kind === kind).length;
      const asked = plan.parts.findLast((part) => part.steps.some(({ kind }) => kind === "predict"));
      return {
        ...{ mask, differingPx, iou: union === 0 ? 1 : 1 - differingPx / union },
        ...{ prompts: count("predict"), edits: count("edit") },
        ...(asked?.provenance.runsOn && { runsOn: asked.provenance.runsOn }),
      };
    },
  };
}

/** The mask as far as it is made, and its logits if a prediction was the last step. */
interface State {
  readonly mask: MaskRuns;
  readonly logits: Float32Array | null;
}

/** What answers the prompts of a revision. */
interface Asked {
  readonly sam: Sam;
  readonly predictor: SamPredictor;
  readonly signal: AbortSignal | undefined;
}

/** A page gets the embedding with half the digits. */
function asSent(embedding: ImageEmbedding): ImageEmbedding {
  const bytes = Uint8Array.from(encodeEmbeddingValues(embedding, "float16"));
  return decodeEmbeddingValues(bytes, describeEmbedding(embedding, "float16"));
}

/** @throws DataEngineError `not-replayable` */
function checkModel({ model }: Provenance, { model: { name, checkpointSha256 } }: Sam, where: string): void {
  if (!model) throw refused(where, "it is not recorded which model answered its prompts");
  if (model.hash === checkpointSha256) return;
  throw refused(
    where,
    `it needs the checkpoint of "${model.name}" with the SHA-256 ${model.hash}, and "${name}" has ${checkpointSha256}; name the file with --checkpoint`,
  );
}

async function predict(
  { sam, predictor, signal }: Asked,
  { points, box, rough, multimask, specksPx = 0, chosen }: PredictStep,
  before: State,
): Promise<State> {
  const prompt: ImagePrompt = {
    pointCoords: points.map(([x, y]) => [x, y] as const),
    pointLabels: points.map(([, , label]) => label),
    ...(box && { box }),
    ...(rough && { maskInput: rough === "logits" ? before.logits! : roughMask(before.mask, sam) }),
  };
  const { masks, iouPredictions, lowResLogits } = await predictor.predict({
    ...prompt,
    ...{ multimaskOutput: multimask, outputMode: "coco_rle" },
    ...(signal && { signal }),
  });
  const index = chosen === "best" ? iouPredictions.indexOf(Math.max(...iouPredictions)) : chosen;
  const mask = removeSpecks(rleToRuns(masks[index]!), { areaPx: specksPx, model: sam.model, prompt });
  return { mask, logits: lowResLogits[index]! };
}

function roughMask(mask: MaskRuns, { model }: Sam): Float32Array {
  return maskToLogits(runsToMask(mask), { imageSize: mask, model });
}
