/** Fine-tuning of Segment Anything: data, the paper's simulated prompts and training, checkpoints. */
export {
  type CaptionedImage,
  type TrainClipEvent,
  type TrainClipOptions,
  type TrainClipSettings,
  trainClip,
} from "./contrastive/train-clip.js";
export {
  openTrainingSet,
  type TrainingSet,
  type TrainingSetOptions,
} from "./data/open-training-set.js";
export {
  type DataProblem,
  type DataProblemCounts,
  type DataProblemKind,
  describeDataProblems,
} from "./data/problems.js";
export { type SplitSamples, splitSamples, type ValidationSplit } from "./data/split.js";
export { readTrainingImage, type TrainingMask, type TrainingSample } from "./data/training-sample.js";
export type {
  DistillEvent,
  DistillImage,
  DistillResult,
  DistillSamOptions,
} from "./distillation/distill-options.js";
export { distillSam } from "./distillation/distill-sam.js";
export { DEFAULT_DISTILL_SETTINGS, type DistillSettings } from "./distillation/distill-settings.js";
export type { DistillStep, DistillValidation } from "./distillation/distiller.js";
export { TrainingError, type TrainingErrorCode } from "./errors.js";
export type { TrainSettings } from "./loop/settings.js";
export { DEFAULT_SETTINGS } from "./loop/settings.js";
export type { StepResult } from "./loop/trainer.js";
export type { BestValidation, ValidationResult } from "./loop/validate.js";
export { type PredictedMasks, type SamLoss, samLoss } from "./losses/sam-loss.js";
export { openDecoderObjective } from "./model/decoder-objective.js";
export type { Trained, TrainedSettings } from "./model/trained-parts.js";
export { type FreshSam, saveFreshSam } from "./pretraining/fresh-sam.js";
export {
  type PretrainEvent,
  type PretrainOptions,
  pretrainEncoder,
} from "./pretraining/pretrain-encoder.js";
export { DEFAULT_PRETRAIN_SETTINGS, type PretrainSettings } from "./pretraining/pretrain-settings.js";
export { PAPER_ROUNDS, type PromptRound, promptRounds } from "./prompts/rounds.js";
export { type FirstPromptKind, firstPrompt, type NextPromptInput, nextPrompt } from "./prompts/simulate.js";
export { type ModelFrame, type Target, targetInModelFrame } from "./prompts/target.js";
export { createRandom, type Random, type RandomState, restoreRandom } from "./random/random.js";
export type { TrainEvent, TrainSamOptions } from "./run/train-options.js";
export { type TrainResult, trainSam } from "./run/train-sam.js";
export {
  type AdamW,
  type AdamWOptions,
  type AdamWState,
  createAdamW,
  initialState,
  type Moments,
} from "./step/adamw.js";
export {
  type Losses,
  type Objective,
  type ObjectiveOptions,
  type ObjectiveResult,
  openObjective,
} from "./step/objective.js";
export { loadParameters, type Parameter, type Parameters } from "./step/parameters.js";
export {
  createTrainStep,
  type TrainStep,
  type TrainStepOptions,
  type TrainStepResult,
} from "./step/train-step.js";
export { type CheckpointToSave, saveCheckpoint } from "./weights/save-checkpoint.js";
