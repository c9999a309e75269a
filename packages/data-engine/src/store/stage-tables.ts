/** Tables of the model's own labelling; see `schema.ts` for what holds for all tables. */

/** A run of stage 2 or 3 over a project's open images. */
export interface StageRunTable {
  id: string;
  project_id: string;
  /** 2: masks for people to go on from; 3: masks of images that nobody labels. */
  stage: number;
  /** The model version that it began with; null for the model that the project began with. */
  version_id: string | null;
  work_id: string;
  /** `StageSettings`. */
  settings_json: string;
  /** `LearnedConfidence`; null until it is learned. */
  confidence_json: string | null;
  created_by: string;
  created_at: number;
  finished_at: number | null;
  /** The task with the jobs of its audit. */
  audit_task_id: string | null;
}

/** The images of a run, chosen when it begins. */
export interface StageRunImageTable {
  run_id: string;
  job_id: string;
  image_id: string;
  /** Masks that the run made; null until it was there. */
  masks: number | null;
  /** How unsure the model is of what it found, 0 to 1; null until it was there. */
  doubt: number | null;
  /** Why the image can't be read. */
  problem: string | null;
  created_at: number | null;
}

/** The masks that a run made. */
export interface StageRunMaskTable {
  run_id: string;
  annotation_id: string;
}
