import { join } from "node:path";
import { openEmbeddingCache } from "@segany/evaluation";
import { throwIfAborted } from "@segany/masks";
import { makeFolder } from "@segany/runtime/files";
import { resolveDevice } from "@segany/runtime/node";
import { openTrainableModel, type TrainableModel } from "@segany/sam/training";
import { wholeView } from "../augmentation/view.js";
import { TrainingError } from "../errors.js";
import {
  drawViews,
  embedView,
  encodeViews,
  type ViewEncoder,
  type ViewedImage,
} from "../loop/image-views.js";
import { type TrainSettings, trainsEncoder } from "../loop/settings.js";
import { createTrainer } from "../loop/trainer.js";
import { dropMetricsAfter } from "../metrics/metrics-file.js";
import type { CompareOptions } from "../report/compare-models.js";
import { copiesAsPth } from "../weights/copy-as-pth.js";
import { deviceRequest, lazySam, openModel } from "./lazy-sam.js";
import { summaryOf, writeRunReport } from "./run-report.js";
import { loadRunState, type RunNotes } from "./run-state.js";
import { runSteps, type StepsResult } from "./run-steps.js";
import { checkOptions, type TrainSamOptions } from "./train-options.js";

/** What a run ended with. */
export interface TrainResult extends StepsResult {
  /** The checkpoints in PyTorch's format, if asked for. */
  readonly pth?: { readonly best: string; readonly last: string };
  /** The page with curves, scores, and masks before and after. */
  readonly report: string;
}

/**
 * Fine-tunes a model on the objects of some images, by the paper's training with simulated prompts (appendix
 * A). Unless it is trained, too, the image encoder stays as it is, and encodes each view once. The weights
 * are averaged over the steps; `best.safetensors` has those with the best validation score (mean IoU of one
 * click and of the box), `last.safetensors` those of the end. With
 * `train: "lora"` `best.lora.safetensors` and `last.lora.safetensors` have the adapters alone. With `clip`
 * `best.text.safetensors` and `last.text.safetensors` have what makes prompts of words.
 *
 * @throws TrainingError `option-invalid`, `target-empty`, `training-diverged`, and `run-exists`,
 *   `run-not-found` or `run-mismatch` for the folder; SamError as `loadSam`, and `aborted`
 */
export async function trainSam(options: TrainSamOptions): Promise<TrainResult> {
  const { output, signal, model: name, cacheDirectory } = options;
  const settings = checkOptions(options);
  throwIfAborted(signal);
  await makeFolder(output);
  const trainable = await openTrainableModel(name, options);
  const sam = lazySam(options, signal);
  const directory = cacheDirectory && join(cacheDirectory, "embeddings");
  try {
    const encoder: ViewEncoder = {
      model: { ...trainable.model, precision: options.precision ?? "fp32" },
      embeddings: options.embeddings ?? openEmbeddingCache({ directory }),
      openSam: sam.open,
      signal,
    };
    return await run(options, settings, trainable, encoder, sam.close);
  } finally {
    await sam.close();
    await trainable.state.close();
  }
}

async function run(
  options: TrainSamOptions,
  settings: TrainSettings,
  trainable: TrainableModel,
  encoder: ViewEncoder,
  closeSam: () => Promise<void>,
): Promise<TrainResult> {
  const { data, validation = [], rehearsal = [], output } = options;
  const images = drawViews(data, settings);
  const rehearsed = drawViews(rehearsal, settings);
  const checked = drawViews(validation, { ...settings, views: 1 });
  const { clip } = options;
  const identity = identityOf([settings, trainable, clip], images, rehearsed, checked);
  const saved = await savedRun(options, identity);
  await options.onStart?.(settings);
  if (!trainsEncoder(settings))
    await encodeViews(encoder, [...images, ...rehearsed, ...checked], (done, total) =>
      options.onEvent?.({ kind: "encoding", done, total }),
    );
  await closeSam();
  const trainer = await createTrainer({
    trainable,
    encoder,
    images,
    rehearsal: rehearsed,
    settings,
    clip,
    session: resolveDevice(deviceRequest(options)),
    ...("trainer" in saved && { from: saved.trainer }),
  });
  const steps = { options, settings, trainable, trainer, validation: checked };
  const result = await runSteps(steps, saved).finally(trainer.close);
  const { bestCheckpoint, lastCheckpoint, before = null, best = null } = result;
  const checkpoints = { best: bestCheckpoint, last: lastCheckpoint };
  const pth = options.pth && (await copiesAsPth(checkpoints, trainable.network.unusedWeights));
  const summary = summaryOf(options, settings, trainable, { before, best });
  const isCompared = validation.length > 0;
  const compare = isCompared ? comparison(options, settings, encoder, bestCheckpoint) : undefined;
  const report = await writeRunReport(output, summary, compare);
  return { ...result, ...(pth && { pth }), report };
}

/** The saved state of a run that goes on, or what a fresh one begins with. */
async function savedRun({ output, resume = false }: TrainSamOptions, identity: string) {
  if (!resume) return { identity, before: null, best: null, last: null, sinceBest: 0 } satisfies RunNotes;
  const saved = await loadRunState(output);
  if (saved.identity !== identity)
    throw new TrainingError(
      "run-mismatch",
      `The run in "${output}" was started with other settings, data or weights. Give the same, or start another.`,
    );
  await dropMetricsAfter(output, saved.trainer.optimizer.step);
  return saved;
}

/** The model as it was, and the trained one, whose file has the adapters merged. */
function comparison(
  options: TrainSamOptions,
  settings: TrainSettings,
  encoder: ViewEncoder,
  checkpoint: string,
): CompareOptions {
  const { lora: _, ...withoutLora } = options;
  const { validation = [], reportEverything = 0, signal, onEvent } = options;
  return {
    samples: validation,
    objects: settings.validationMasks,
    everything: reportEverything,
    openBefore: () => openModel(options, signal),
    openAfter: () => openModel({ ...withoutLora, checkpoint }, signal),
    embed: (sample) => embedView(encoder, sample, wholeView(sample.size)),
    sharesEncoder: !trainsEncoder(settings),
    signal,
    onProgress: (done, total) => onEvent?.({ kind: "comparing", done, total }),
  };
}

/** What two runs must share to have the same result. */
function identityOf(
  [settings, { model }, clip]: readonly [TrainSettings, TrainableModel, TrainSamOptions["clip"]],
  ...sets: readonly (readonly ViewedImage[])[]
): string {
  const names = sets.map((images) =>
    images.map(({ image: { fileName, size, masks } }) => [fileName, size, masks.length]),
  );
  return JSON.stringify([settings, model.checkpointSha256, names, clip?.checkpointSha256]);
}
