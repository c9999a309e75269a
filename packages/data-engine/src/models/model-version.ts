import type { TrainSettings } from "@segany/training/settings";
import type { ModelVersionTable } from "../store/model-tables.js";

/**
 * `training` until it is trained, then `current` (the one that the project uses) or `candidate`; `former` if
 * it was the current one before; `failed` if its training was given up.
 */
export type ModelState = "training" | "failed" | "candidate" | "current" | "former";

/** How a version is opened. */
export interface ModelSource {
  /** The model's name. */
  readonly name: string;
  /** Whether its checkpoint is in the data folder; otherwise it is opened by its name. */
  readonly isKept: boolean;
  readonly ignoreUnused?: boolean;
  /** What it expects of images, in the form that `loadSam` takes; absent for the usual. */
  readonly preprocessing?: unknown;
}

/** Mean IoU on the frozen images, at their own resolution. */
export interface PromptScores {
  /** For one click: of the mask that the model is most sure of. */
  readonly click: number;
  /** The best of its three masks. */
  readonly oracle: number;
  /** After three clicks, each at the deepest place of the error. */
  readonly clicks: number;
  /** For the tight box. */
  readonly box: number;
  readonly objects: number;
}

/** A version beside the one that it was trained from, on the same objects. */
export interface ModelScores {
  readonly before: PromptScores;
  readonly after: PromptScores;
}

/** How a version is trained. */
export interface RetrainSettings {
  readonly training: Partial<TrainSettings>;
  /** Path of a data set of other images, so that the model does not forget what it knows of them. */
  readonly rehearsal?: string;
  /** Why it becomes the current version even if it is not better. */
  readonly force?: string;
}

/** Masks of a version's data, and the images that they are on. */
export interface DataCount {
  readonly images: number;
  readonly masks: number;
}

/** A model that a project has, or that is being trained for it. */
export interface ModelVersion {
  readonly id: string;
  readonly project: string;
  /** From 0, the model that the project began with. */
  readonly number: number;
  readonly state: ModelState;
  /** The version that it was trained from. */
  readonly parent: string | null;
  /** null while it is trained. */
  readonly source: ModelSource | null;
  /** SHA-256 of the checkpoint; null while it is trained. */
  readonly checkpoint: string | null;
  /** SHA-256 of the checkpoint that its image encoder comes from: embeddings of one encoder are the same. */
  readonly encoder: string | null;
  readonly settings: RetrainSettings;
  readonly scores: ModelScores | null;
  /** Of its data: what it was trained on, and what it was measured with. */
  readonly data: { readonly training: DataCount; readonly validation: DataCount };
  /** Id of the work item that trains it. */
  readonly work: string | null;
  /** What the training reported last. */
  readonly progress: unknown;
  /** Why its training was given up, or why the last attempt failed. */
  readonly error: string | null;
  readonly createdBy: string;
  readonly createdAt: number;
  readonly finishedAt: number | null;
  /** Who made it the current version last, when and why; null if nobody did. */
  readonly chosenBy: string | null;
  readonly chosenAt: number | null;
  readonly reason: string | null;
}

/** What the store has of its training. */
export interface TrainingWork {
  readonly work_state: string | null;
  readonly progress_json: string | null;
  readonly work_error: string | null;
}

const NO_DATA: ModelVersion["data"] = {
  training: { images: 0, masks: 0 },
  validation: { images: 0, masks: 0 },
};

/** Whether a training still goes on, or will. */
const isPending = (state: string | null): boolean => state === "queued" || state === "running";

export function toModelVersion(
  row: ModelVersionTable & TrainingWork,
  data: ModelVersion["data"] = NO_DATA,
): ModelVersion {
  const parse = (text: string | null) => (text === null ? null : JSON.parse(text));
  const isGivenUp = row.state === "training" && !isPending(row.work_state);
  return {
    id: row.id,
    project: row.project_id,
    number: row.number,
    state: isGivenUp ? "failed" : (row.state as ModelState),
    parent: row.parent_id,
    source: parse(row.source_json),
    checkpoint: row.checkpoint,
    encoder: row.encoder,
    settings: JSON.parse(row.settings_json),
    scores: parse(row.scores_json),
    data,
    work: row.work_id,
    progress: parse(row.progress_json),
    error: row.work_error,
    createdBy: row.created_by,
    createdAt: row.created_at,
    finishedAt: row.finished_at,
    chosenBy: row.chosen_by,
    chosenAt: row.chosen_at,
    reason: row.reason,
  };
}
