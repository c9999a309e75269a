import type { StageRunTable } from "../store/stage-tables.js";
import type { LogisticModel } from "./logistic-regression.js";

/** How a stage labels. */
export interface StageSettings {
  /** Share of good masks (IoU of .75 or more) that pre-filled ones shall reach, as far as can be known. */
  readonly precision: number;
  /** Of everything mode. */
  readonly behaviour: "official" | "paper" | "fast";
  /** Of everything mode; absent: as the behaviour has it. */
  readonly pointsPerSide?: number;
  /** Images at most. */
  readonly images?: number;
  /** How people get the images after a run of stage 2: in the given order, or the doubtful ones first. */
  readonly order: "given" | "active";
  /** Share of the images that come at random among the doubtful ones, so that statistics stay honest. */
  readonly randomShare: number;
}

export const DEFAULT_STAGE_SETTINGS: StageSettings = {
  precision: 0.9,
  behaviour: "official",
  order: "given",
  randomShare: 0.2,
};

/** What a run learned of how sure it may be: from accepted masks of images that the model never saw. */
export interface LearnedConfidence {
  /** null without a mask to learn from. */
  readonly model: LogisticModel | null;
  /** Least confidence of masks that are kept; null if none is precise enough: then none is. */
  readonly threshold: number | null;
  readonly images: number;
  /** By leaving out each image in turn. */
  readonly heldBack: {
    readonly masks: number;
    readonly precision: number | null;
    readonly calibrationError: number;
  };
}

/** A run of stage 2 or 3 over the open images of a project. */
export interface StageRun {
  readonly id: string;
  readonly project: string;
  readonly stage: 2 | 3;
  /** The model version that it began with, and keeps; null for the model that the project began with. */
  readonly version: string | null;
  readonly work: string;
  readonly settings: StageSettings;
  readonly confidence: LearnedConfidence | null;
  readonly images: { readonly done: number; readonly total: number; readonly unreadable: number };
  readonly masks: number;
  readonly createdAt: number;
  readonly finishedAt: number | null;
}

export function toStageRun(
  row: StageRunTable,
  { masks, ...images }: StageRun["images"] & { readonly masks: number | null },
): StageRun {
  return {
    id: row.id,
    project: row.project_id,
    stage: row.stage as 2 | 3,
    version: row.version_id,
    work: row.work_id,
    settings: JSON.parse(row.settings_json),
    confidence: row.confidence_json === null ? null : JSON.parse(row.confidence_json),
    images,
    masks: masks ?? 0,
    createdAt: row.created_at,
    finishedAt: row.finished_at,
  };
}
