import { join } from "node:path";
import { openEmbeddingCache } from "@segany/evaluation";
import { throwIfAborted } from "@segany/masks";
import { makeFolder } from "@segany/runtime/files";
import { resolveDevice } from "@segany/runtime/node";
import { readImageHeader } from "@segany/sam/images";
import { openTrainableModel, type TrainableModel } from "@segany/sam/training";
import type { TrainingSample } from "../data/training-sample.js";
import { drawViews, encodeViews } from "../loop/image-views.js";
import { appendMetrics } from "../metrics/metrics-file.js";
import { openTrainedEncoder } from "../model/encoder-objective.js";
import { createRandom } from "../random/random.js";
import { deviceRequest, lazySam } from "../run/lazy-sam.js";
import { createAdamW, initialState } from "../step/adamw.js";
import { checkLoss } from "../step/check-loss.js";
import { loadParameters } from "../step/parameters.js";
import { copiesAsPth } from "../weights/copy-as-pth.js";
import { saveCheckpoint } from "../weights/save-checkpoint.js";
import {
  checkDistillOptions,
  checkpointsOf,
  type DistillImage,
  type DistillResult,
  type DistillSamOptions,
} from "./distill-options.js";
import type { DistillSettings } from "./distill-settings.js";
import { type Distillation, type DistillValidation, distillStep, validateStudent } from "./distiller.js";
import { openPromptDecoder } from "./prompt-decoder.js";
import { checkPair, studentWeights } from "./student.js";

/**
 * Trains a small image encoder, that of the model which the options choose, to give what a larger model's
 * encoder gives. With `distill: "embeddings"` it learns the embeddings themselves (MobileSAM, arXiv
 * 2306.14289), with `"prompts"` what the teacher's decoder, which stays as it is, makes of them for simulated
 * prompts (EdgeSAM, arXiv 2312.06660); the second is for a student that has learned the first. The teacher
 * encodes each view once; its weights never change. The student is saved with the teacher's prompt encoder
 * and mask decoder, in `best.safetensors` and `last.safetensors`; `metrics.jsonl` has the numbers.
 *
 * @throws TrainingError `option-invalid` for a setting, or two models that don't fit; `data-empty`,
 *   `run-exists`, `training-diverged`; SamError as `loadSam`, and `aborted`
 */
export async function distillSam(options: DistillSamOptions): Promise<DistillResult> {
  const settings = checkDistillOptions(options);
  const { signal, output, cacheDirectory } = options;
  throwIfAborted(signal);
  const common = { ...deviceRequest(options), ...(cacheDirectory && { cacheDirectory }) };
  const choice = { ...options.teacher, ...common };
  const student = await openTrainableModel(options.model, options);
  try {
    const teacher = await openTrainableModel(choice.model, choice);
    const sam = lazySam(choice, signal);
    try {
      checkPair(student, teacher);
      await makeFolder(output);
      await options.onStart?.(settings);
      const directory = cacheDirectory && join(cacheDirectory, "embeddings");
      const encoder = {
        model: teacher.model,
        embeddings: options.embeddings ?? openEmbeddingCache({ directory }),
        openSam: sam.open,
        signal,
      };
      return await run(options, settings, student, teacher, encoder);
    } finally {
      await sam.close();
      await teacher.state.close();
    }
  } finally {
    await student.state.close();
  }
}

async function run(
  options: DistillSamOptions,
  settings: DistillSettings,
  student: TrainableModel,
  teacher: TrainableModel,
  encoder: Distillation["teacher"],
): Promise<DistillResult> {
  const images = drawViews(await withSizes(options.images), settings);
  const validation = drawViews(await withSizes(options.validation ?? []), { ...settings, views: 1 });
  await encodeViews(encoder, [...images, ...validation], (done, total) =>
    options.onEvent?.({ kind: "encoding", done, total }),
  );
  const work = await openWork(options, settings, student, teacher, { encoder, images });
  try {
    const held = validation.map(({ image }) => image);
    return await runSteps(options, work, teacher, held);
  } finally {
    const { decoder, plainDecoder, optimizer } = work;
    await Promise.all([work.encoder, decoder, plainDecoder, optimizer].map((each) => each?.close()));
  }
}

/** Images as the loops take them, with their sizes; nothing is known of objects in them. */
async function withSizes(images: readonly DistillImage[]): Promise<TrainingSample[]> {
  const sized: TrainingSample[] = [];
  for (const { fileName, open } of images) {
    const { width, height } = await readImageHeader(await open(), `The image file ${fileName}`);
    sized.push({ fileName, open, size: { width, height }, masks: [] });
  }
  return sized;
}

async function openWork(
  options: DistillSamOptions,
  settings: DistillSettings,
  student: TrainableModel,
  teacher: TrainableModel,
  {
    encoder: teacherEncoder,
    images,
  }: { readonly encoder: Distillation["teacher"] } & Pick<Distillation, "images">,
): Promise<Distillation> {
  const session = resolveDevice(deviceRequest(options));
  const { state, network } = student;
  const load = (key: string) => state.load(key);
  const isTrained = (key: string) => ["neck", "image-encoder"].includes(network.partOf(key) ?? "");
  const encoder = await openTrainedEncoder(student, { weights: state.tensors, load, isTrained, session });
  const isPrompted = settings.distill === "prompts";
  const first = await loadParameters(encoder.keys, state.tensors, load);
  return {
    student,
    encoder,
    images,
    settings,
    teacher: teacherEncoder,
    optimizer: await createAdamW(initialState(first), { ...settings, session }),
    decoder: isPrompted ? await openPromptDecoder(teacher, { withGradients: true, session }) : undefined,
    plainDecoder: await openPromptDecoder(teacher, { withGradients: false, session }),
    random: createRandom(settings.seed),
  };
}

async function runSteps(
  options: DistillSamOptions,
  work: Distillation,
  teacher: TrainableModel,
  validation: readonly TrainingSample[],
): Promise<DistillResult> {
  const { output, onEvent, signal } = options;
  const { settings, optimizer, student } = work;
  const paths = checkpointsOf(output);
  const save = async (path: string) => {
    const changed = await studentWeights(student, teacher, optimizer.averages());
    await saveCheckpoint({ path, base: student.state, changed });
  };
  let before: DistillValidation | undefined;
  let best: DistillResult["best"];
  const score = async (step: number): Promise<void> => {
    if (validation.length === 0) return;
    const result = await validateStudent(work, validation);
    const isBest = best === undefined || isBetter(settings, result, best);
    before ??= result;
    if (isBest) best = { ...result, step };
    if (isBest) await save(paths.best);
    await appendMetrics(output, {
      step,
      validation_distance: result.distance,
      validation_maskIou: result.maskIou,
    });
    onEvent?.({ kind: "validation", step, isBest, ...result });
  };
  await score(0);
  for (let step = 1; step <= settings.steps; step++) {
    throwIfAborted(signal);
    const result = await distillStep(work);
    checkLoss(result.loss, step);
    await appendMetrics(output, { ...result });
    onEvent?.({ kind: "step", steps: settings.steps, ...result });
    if (step === settings.steps || step % settings.validateEvery === 0) await score(step);
  }
  await save(paths.last);
  if (validation.length === 0) await save(paths.best);
  const pth = options.pth && (await copiesAsPth(paths, student.network.unusedWeights));
  return {
    steps: settings.steps,
    ...(before && { before }),
    ...(best && { best }),
    bestCheckpoint: paths.best,
    lastCheckpoint: paths.last,
    ...(pth && { pth }),
  };
}

/** By what is learned. */
function isBetter({ distill }: DistillSettings, one: DistillValidation, other: DistillValidation): boolean {
  return distill === "embeddings" ? one.distance < other.distance : one.maskIou > other.maskIou;
}
