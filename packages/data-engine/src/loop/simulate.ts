import { join } from "node:path";
import { convert } from "@segany/dataset";
import { SamError, throwIfAborted } from "@segany/masks";
import { makeFolder, writeFileAtomic } from "@segany/runtime/files";
import { loadSam, type Sam } from "@segany/sam";
import { createRandom, openTrainingSet, type Random, type TrainingSample, trainSam } from "@segany/training";
import { projectDataset } from "../datasets/project-dataset.js";
import { openDataEngine } from "../open-data-engine.js";
import { createPeople } from "../people/people.js";
import { checkSimulation, SIMULATION_DATABASE } from "./check-simulation.js";
import { type Confidence, learnConfidence } from "./confidence.js";
import { type SimulatedImage, simulatedImage, type Workplace } from "./project-work.js";
import { scorePrompts } from "./score-prompts.js";
import type {
  AuditResult,
  SimulateEvent,
  SimulateOptions,
  Simulation,
  StageResult,
} from "./simulate-options.js";
import {
  annotateManually,
  fillAndCorrect,
  fillAutomatically,
  judgeImages,
  type StageContext,
} from "./stages.js";

/**
 * Runs the data engine's three stages (paper, section 4) with ground truth in the place of people: masks are
 * clicked, the model is retrained on them, confident masks are pre-filled and corrected, the model is
 * retrained again, and at last labels alone; a sample of that is audited.
 *
 * @throws SamError, TrainingError; DataEngineError `invalid` for a number outside its range, `conflict` if
 *   the folder has a simulation; SamError `option-invalid` for too few images
 */
export async function simulateEngine(options: SimulateOptions): Promise<Simulation> {
  const { output, onEvent = () => undefined } = options;
  checkSimulation(options);
  await makeFolder(output);
  const random = createRandom(options.seed);
  const split = await splitImages(options, random);
  const engine = await openDataEngine({ file: join(output, SIMULATION_DATABASE) });
  try {
    const person = await createPeople(engine.context).add({ name: "annotator" }, null);
    const { id: project } = await engine.projects.create(person.id, {
      name: "simulation",
      settings: { review: false },
    });
    const loop = { options, random, split, onEvent, engine, project, person: person.id };
    const result = await runStages(loop);
    await writeFileAtomic(join(output, "simulation.json"), `${JSON.stringify(result, null, 2)}\n`);
    return result;
  } finally {
    await engine.close();
  }
}

interface Split {
  readonly stages: readonly [SimulatedImage[], SimulatedImage[], SimulatedImage[]];
  /** Never labelled: one-click quality is measured on these. */
  readonly frozen: readonly TrainingSample[];
}

interface Loop {
  readonly options: SimulateOptions;
  readonly random: Random;
  readonly split: Split;
  readonly onEvent: (event: SimulateEvent) => void;
  readonly engine: Workplace["engine"];
  readonly project: string;
  readonly person: string;
}

/** Every third image by name is frozen; the others are shuffled and divided among the stages. */
async function splitImages(options: SimulateOptions, random: Random): Promise<Split> {
  const [first, second] = options.stageImages;
  const frozen = options.data.filter((_, i) => i % 3 === 0);
  const rest = options.data.filter((_, i) => i % 3 !== 0);
  for (let i = rest.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    [rest[i], rest[j]] = [rest[j]!, rest[i]!];
  }
  const third = options.stageImages[2] ?? rest.length - first - second;
  if (third < 1 || first + second + third > rest.length)
    throw new SamError(
      "option-invalid",
      `The stages need ${first} + ${second} + ${Math.max(1, third)} images, but there are ${rest.length} (a third of ${options.data.length} is kept for measuring). Use a larger set or smaller stages.`,
    );
  const images: SimulatedImage[] = [];
  for (const sample of rest) images.push(await simulatedImage(sample));
  return {
    stages: [
      images.slice(0, first),
      images.slice(first, first + second),
      images.slice(first + second, first + second + third),
    ],
    frozen,
  };
}

async function runStages(loop: Loop): Promise<Simulation> {
  const { options, split, onEvent } = loop;
  const stages: StageResult[] = [];
  let checkpoint = options.model?.checkpoint;
  let audit: AuditResult | undefined;
  let confidence: Confidence | undefined;
  for (const stage of [1, 2, 3] as const) {
    throwIfAborted(options.signal);
    await withModel({ ...options.model, ...(checkpoint !== undefined && { checkpoint }) }, async (sam) => {
      const at = await beginStage(loop, sam, stage);
      onEvent({ kind: "stage", stage, images: split.stages[stage - 1]!.length });
      const [scores] = await scorePrompts([{ sam }], split.frozen, {
        signal: options.signal,
        onProgress: (done, total) => onEvent({ kind: "image", what: "Measuring", done, total }),
      });
      if (stage > 1) {
        const known = split.stages.slice(0, stage - 1).flatMap(heldBack);
        confidence = learnConfidence(await judgeImages(at, known), options.precision);
        onEvent({ kind: "confidence", stage, threshold: confidence.threshold, ...confidence.heldBack });
      }
      const work =
        stage === 1
          ? await annotateManually(at)
          : stage === 2
            ? await fillAndCorrect(at, confidence!)
            : await fillAutomatically(at, confidence!);
      audit = work.audit ?? audit;
      const result: StageResult = { stage, ...work.result, "miou@1": scores!.click, ...describe(confidence) };
      stages.push(result);
      onEvent({ kind: "result", result });
    });
    if (stage !== 3 && options.retrain) checkpoint = await retrain(loop, stage, checkpoint);
  }
  return { seed: options.seed, retrain: options.retrain, stages, audit: audit! };
}

function describe(confidence: Confidence | undefined): Pick<StageResult, "confidence"> {
  if (!confidence) return {};
  const { threshold, heldBack: held } = confidence;
  return { confidence: { threshold, ...held } };
}

/** Every third image of a stage is not trained on: confidence is learned there, where the model is honest. */
const heldBack = (images: readonly SimulatedImage[]) => images.filter((_, i) => i % 3 === 2);

async function withModel(
  { name, ...choice }: NonNullable<SimulateOptions["model"]>,
  use: (sam: Sam) => Promise<void>,
): Promise<void> {
  const sam = await loadSam(name, choice);
  try {
    await use(sam);
  } finally {
    await sam.close();
  }
}

async function beginStage(loop: Loop, sam: Sam, stage: 1 | 2 | 3): Promise<StageContext> {
  const { engine, project, person, options, random, split } = loop;
  const images = split.stages[stage - 1]!;
  const tasks = images.map(({ id, name, width, height }) => ({ id, name, width, height }));
  await engine.tasks.create(person, { project, name: `stage ${stage}`, images: tasks, imagesPerJob: 1 });
  const model = { name: sam.model.name, hash: sam.model.checkpointSha256 };
  return {
    sam,
    images,
    options,
    random,
    workplace: { engine, project, person, model },
    onEvent: loop.onEvent,
  };
}

/** Trains on what is accepted, without the images that were held back. @returns the new checkpoint */
async function retrain(loop: Loop, stage: 1 | 2, checkpoint: string | undefined): Promise<string> {
  const { options, engine, project, split, onEvent } = loop;
  const known = new Map(
    split.stages
      .slice(0, stage)
      .flat()
      .map((image) => [image.id, image]),
  );
  const snapshot = join(options.output, `accepted-${stage}`);
  const dataset = await projectDataset(engine.context, project, {
    readImage: (id) => known.get(id)!.sample.open(),
  });
  await convert(dataset, "coco", snapshot);
  const left = new Set(
    split.stages
      .slice(0, stage)
      .flatMap(heldBack)
      .map(({ name }) => name),
  );
  const { samples } = await openTrainingSet({ data: snapshot });
  const { name, ...choice } = options.model ?? {};
  const result = await trainSam({
    ...choice,
    ...(name !== undefined && { model: name }),
    ...(checkpoint !== undefined && { checkpoint }),
    data: samples.filter(({ fileName }) => !left.has(fileName)),
    output: join(options.output, `training-${stage}`),
    settings: { ...options.training, seed: options.seed },
    onEvent: (event) => onEvent({ kind: "training", stage, event }),
    ...(options.signal && { signal: options.signal }),
  });
  return result.lastCheckpoint;
}
