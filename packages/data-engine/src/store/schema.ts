import type { Generated } from "kysely";
import type { ModelVersionMaskTable, ModelVersionTable, ValidationImageTable } from "./model-tables.js";
import type { StageRunImageTable, StageRunMaskTable, StageRunTable } from "./stage-tables.js";

/**
 * The tables. Ids are UUIDs of version 7, so that their order is the order of creation; an image's id is the
 * SHA-256 of its file. Times are milliseconds since 1970 (UTC). Columns that end with `_json` hold JSON as
 * text. Both databases have the same columns; truth values are 0 and 1.
 */
export interface Tables {
  readonly person: PersonTable;
  readonly session: SessionTable;
  readonly api_token: ApiTokenTable;
  readonly invitation: InvitationTable;
  readonly project: ProjectTable;
  readonly member: MemberTable;
  readonly image: ImageTable;
  readonly task: TaskTable;
  readonly job: JobTable;
  readonly job_image: JobImageTable;
  readonly annotation: AnnotationTable;
  readonly annotation_revision: AnnotationRevisionTable;
  readonly review_issue: ReviewIssueTable;
  readonly review_comment: ReviewCommentTable;
  readonly work_item: WorkItemTable;
  readonly webhook: WebhookTable;
  readonly webhook_delivery: WebhookDeliveryTable;
  readonly statistic: StatisticTable;
  readonly audit_log: AuditLogTable;
  readonly model_version: ModelVersionTable;
  readonly model_version_mask: ModelVersionMaskTable;
  readonly validation_image: ValidationImageTable;
  readonly stage_run: StageRunTable;
  readonly stage_run_image: StageRunImageTable;
  readonly stage_run_mask: StageRunMaskTable;
}

export interface PersonTable {
  id: string;
  /** In lower case; unique. "segany", disabled from the start, is the author of what the machine makes. */
  name: string;
  /** Algorithm, costs, salt and hash in one text; null for people whom a proxy identifies. */
  password: string | null;
  /** 1 for those who may create projects and manage people. */
  administrator: number;
  created_at: number;
  disabled_at: number | null;
}

export interface SessionTable {
  /** SHA-256 of the session's secret. */
  secret_hash: string;
  person_id: string;
  created_at: number;
  expires_at: number;
}

export interface ApiTokenTable {
  id: string;
  person_id: string;
  name: string;
  /** SHA-256 of the token. */
  secret_hash: string;
  created_at: number;
  last_used_at: number | null;
  revoked_at: number | null;
}

export interface InvitationTable {
  id: string;
  /** SHA-256 of the secret in the link. */
  secret_hash: string;
  project_id: string;
  role: string;
  created_by: string;
  created_at: number;
  expires_at: number;
  accepted_by: string | null;
}

export interface ProjectTable {
  id: string;
  name: string;
  /** `ProjectClass[]`; empty for class-agnostic projects. */
  classes_json: string;
  /** `ProjectSettings`. */
  settings_json: string;
  version: number;
  created_at: number;
  deleted_at: number | null;
}

export interface MemberTable {
  project_id: string;
  person_id: string;
  role: string;
}

export interface ImageTable {
  /** SHA-256 of the file. */
  id: string;
  width: number;
  height: number;
  created_at: number;
}

export interface TaskTable {
  id: string;
  project_id: string;
  name: string;
  /** `production` or `training`: of a training task each annotator gets a job of their own. */
  purpose: string;
  version: number;
  created_at: number;
  deleted_at: number | null;
}

export interface JobTable {
  id: string;
  task_id: string;
  project_id: string;
  /** `annotation`, `ground_truth`, `consensus_replica` or `audit`. */
  type: string;
  /** `annotation`, `validation` or `acceptance`. */
  stage: string;
  /** `new`, `in progress`, `completed` or `rejected`. */
  state: string;
  /** The person whose turn it is; null for the first who pulls it. */
  assignee: string | null;
  /** 1 if the assignee pulled it from the queue and another may take it over after the lock expires. */
  pulled: number;
  /** Who labelled it last: a rejected job goes back to this person. */
  annotator: string | null;
  /** Who reviewed it last: a corrected job goes back to this person. */
  reviewer: string | null;
  /** Of a replica: the job that its masks are merged into. */
  parent_id: string | null;
  /** Smallest first in the queue. */
  rank: number;
  version: number;
  created_at: number;
  updated_at: number;
}

export interface JobImageTable {
  job_id: string;
  image_id: string;
  /** Position in the job, from 0. */
  position: number;
  /** Name of the file in the task's folder. */
  name: string;
  /** `open`, `done` or `skipped`. */
  state: string;
  skip_reason: string | null;
  lock_person: string | null;
  lock_expires_at: number | null;
  /** Grows with each lock, so that a lock that was lost can be told from the present one. */
  lock_number: number;
}

export interface AnnotationTable {
  id: string;
  project_id: string;
  job_id: string;
  image_id: string;
  /** Number of the current revision, from 1. */
  revision: number;
  /** Of the current revision, for lists and filters. */
  class_name: string | null;
  area: number;
  source: string;
  /** How sure the machine is that it is good, 0 to 1; null for what people made. */
  confidence: number | null;
  created_at: number;
  deleted_at: number | null;
}

/** Revisions are added, never changed. */
export interface AnnotationRevisionTable {
  annotation_id: string;
  number: number;
  /** Chosen by the client: a change sent twice is stored once. */
  change_id: string;
  /** `create`, `edit`, `delete` or `restore`. */
  kind: string;
  /** Compressed COCO RLE, `{ size, counts }`; null for a deletion. */
  mask_json: string | null;
  class_name: string | null;
  attributes_json: string;
  /** `Provenance`. */
  provenance_json: string;
  author: string;
  /** The job's stage at that time. */
  stage: string;
  created_at: number;
  clicks: number;
  /** Milliseconds of work, without idle time. */
  active_ms: number;
}

export interface ReviewIssueTable {
  id: string;
  job_id: string;
  image_id: string;
  annotation_id: string | null;
  /** Pixels of the image. */
  x: number;
  y: number;
  created_by: string;
  created_at: number;
  resolved_at: number | null;
  resolved_by: string | null;
}

export interface ReviewCommentTable {
  id: string;
  issue_id: string;
  author: string;
  text: string;
  created_at: number;
}

export interface WorkItemTable {
  id: string;
  kind: string;
  project_id: string | null;
  payload_json: string;
  /** `queued`, `running`, `done`, `dead` or `cancelled`. */
  state: string;
  /** Largest first. */
  priority: number;
  /** Number of the present attempt, from 1; 0 before the first. A result needs the number of its attempt. */
  attempt: number;
  max_attempts: number;
  /** Not before this time. */
  run_at: number;
  lease_owner: string | null;
  lease_expires_at: number | null;
  cancel_requested: number;
  progress_json: string | null;
  result_json: string | null;
  error: string | null;
  created_at: number;
  updated_at: number;
}

export interface WebhookTable {
  id: string;
  project_id: string;
  url: string;
  secret: string;
  events_json: string;
  created_at: number;
  disabled_at: number | null;
}

export interface WebhookDeliveryTable {
  id: string;
  webhook_id: string;
  event: string;
  body: string;
  attempt: number;
  /** `waiting`, `delivered` or `failed`. */
  state: string;
  next_at: number;
  status: number | null;
  error: string | null;
  created_at: number;
}

/** Sums by day, updated with each change, so that statistics don't read every mask. */
export interface StatisticTable {
  project_id: string;
  /** Days since 1970 (UTC). */
  day: number;
  person_id: string;
  /** Where masks come from: `manual`, `semi-automatic`, `automatic`. */
  source: string;
  /** Name and hash of the model, or "" without one. */
  model: string;
  /** The job's stage: `annotation`, `validation` or `acceptance`. */
  stage: string;
  /** "" for masks without a class. */
  class_name: string;
  masks: number;
  edits: number;
  deletions: number;
  clicks: number;
  active_ms: number;
}

export interface AuditLogTable {
  sequence: Generated<number>;
  at: number;
  /** null for the machine. */
  person_id: string | null;
  /** As in webhooks: `create:task`, `update:job`, … */
  event: string;
  project_id: string | null;
  object_id: string;
  details_json: string;
}
