/** Tables of model versions; see `schema.ts` for what holds for all tables. */

/** A model that a project has, or that is being trained for it. */
export interface ModelVersionTable {
  id: string;
  project_id: string;
  /** From 0, the model that the project began with. */
  number: number;
  /** `training`, `candidate` (never used), `current` (at most one of a project) or `former`. */
  state: string;
  /** Id of the version that it was trained from; null for number 0, and while there is none. */
  parent_id: string | null;
  /** Id of the work item that trains it. */
  work_id: string | null;
  /** `ModelSource`; null while it is trained. */
  source_json: string | null;
  /** SHA-256 of the checkpoint. */
  checkpoint: string | null;
  /** SHA-256 of the checkpoint that its image encoder comes from: embeddings of one encoder are the same. */
  encoder: string | null;
  /** `RetrainSettings`. */
  settings_json: string;
  /** `ModelScores`. */
  scores_json: string | null;
  created_by: string;
  created_at: number;
  finished_at: number | null;
  /** Who made it the current one last, when and why. */
  chosen_by: string | null;
  chosen_at: number | null;
  reason: string | null;
}

/** The mask revisions that a version was trained on and measured with. */
export interface ModelVersionMaskTable {
  version_id: string;
  annotation_id: string;
  revision: number;
  image_id: string;
  /** `training` or `validation`. */
  role: string;
}

/** Images of a project that are never trained on: models are compared on these. */
export interface ValidationImageTable {
  project_id: string;
  image_id: string;
  created_at: number;
}
