/** The ground of the data engine: projects, tasks, jobs, people, and labels with their history. */

export { type Access, type Actor, createAccess, type Standing } from "./access/access.js";
export {
  createInvitations,
  type Invitation,
  type InvitationOffer,
  type Invitations,
} from "./access/invitations.js";
export { createMembers, type Member, type Members } from "./access/members.js";
export type { ObjectKind } from "./access/project-of.js";
export { isAtLeast, ROLES, type Role } from "./access/roles.js";
export type {
  Annotation,
  AnnotationChange,
  AnnotationSource,
  ChangeResult,
  Provenance,
  Revision,
  WorkEvent,
} from "./annotations/annotation.js";
export type { Annotations } from "./annotations/annotations.js";
export type { MaskStep, PredictStep } from "./annotations/mask-steps.js";
export {
  type PrefillOptions,
  type PrefillReport,
  type ProposedMask,
  prefillProject,
} from "./annotations/prefill.js";
export { type AuditEntry, audit } from "./audit.js";
export { type AuditLog, type AuditLogEntry, type AuditLogQuery, createAuditLog } from "./audit-log.js";
export {
  type BackupHeader,
  type BackupTrailer,
  createBackup,
  hashContent,
} from "./backup/backup.js";
export { restoreBackup } from "./backup/restore.js";
export type { Context, Db } from "./context.js";
export { type ImportOptions, type ImportReport, importDataset } from "./datasets/import-dataset.js";
export { type ExportState, type ProjectDatasetOptions, projectDataset } from "./datasets/project-dataset.js";
export { DataEngineError, type DataEngineErrorCode } from "./errors.js";
export { EXPORT, type ExportResult, type ExportWork } from "./machine/export-work.js";
export { createImportWork, IMPORT, type ImportWork, type OpenedSet } from "./machine/import-work.js";
export type { MachineWork } from "./machine/machine-work.js";
export {
  createSegmentWork,
  type FindMasks,
  type FoundMasks,
  SEGMENT,
  type SegmentProgress,
  type SegmentSettings,
  type SegmentWork,
} from "./machine/segment-work.js";
export { RETRAIN } from "./models/begin-retraining.js";
export { type KeptModel, storeTrained, type TrainedVersion } from "./models/finish-retraining.js";
export { type ModelOpening, openingOf } from "./models/model-files.js";
export type {
  DataCount,
  ModelScores,
  ModelSource,
  ModelState,
  ModelVersion,
  PromptScores,
  RetrainSettings,
} from "./models/model-version.js";
export type { Models } from "./models/models.js";
export { createRetrainWork, type TrainAttempt, type TrainVersionProgress } from "./models/retrain-work.js";
export { createDataEngine, type DataEngine, openDataEngine } from "./open-data-engine.js";
export { type ApiToken, type ApiTokens, createApiTokens } from "./people/api-tokens.js";
export type { PasswordCost } from "./people/password.js";
export {
  createPeople,
  type NewPerson,
  type People,
  type PersonChange,
  type PersonPage,
} from "./people/people.js";
export type { Person } from "./people/person.js";
export { type Credentials, createSessions, type NewSession, type Sessions } from "./people/sessions.js";
export { classColour } from "./projects/class-colours.js";
export type { Project, ProjectClass, ProjectSettings } from "./projects/project.js";
export type { ProjectChange, Projects } from "./projects/projects.js";
export { statisticsCsv } from "./quality/csv.js";
export type { Quality } from "./quality/quality.js";
export type { QualityRow, QualityTable, QualityTables } from "./quality/quality-tables.js";
export type { NewIssue, ReviewComment, ReviewIssue, ReviewIssues } from "./review/issues.js";
export type { Transitions } from "./review/transitions.js";
export type { AuditOptions, StageAudit, StageAudits } from "./stages/audits.js";
export type { LogisticModel } from "./stages/logistic-regression.js";
export type { LearnedConfidence, StageRun, StageSettings } from "./stages/stage-run.js";
export { createStageWork, type RunStageProgress, type StageAttempt } from "./stages/stage-work.js";
export { STAGE, STAGE_BY_COMMAND, type Stages } from "./stages/stages.js";
export { addToStatistics, type StatisticsChange } from "./statistics/add-to-statistics.js";
export type { QueueHealth } from "./statistics/queue-health.js";
export type {
  Statistics,
  StatisticsOverview,
  StatisticsRow,
} from "./statistics/statistics.js";
export type { StatisticsFilter, StatisticsKey } from "./statistics/statistics-key.js";
export { newId } from "./store/ids.js";
export { openStore, type Store, type StoreLocation } from "./store/open-store.js";
export { createSharedTurns } from "./store/shared-turns.js";
export { type DeliveryOptions, runDeliveries } from "./webhooks/run-deliveries.js";
export {
  createWebhooks,
  type DeliveryState,
  type NewWebhook,
  type Webhook,
  type WebhookDelivery,
  type Webhooks,
} from "./webhooks/webhooks.js";
export type { ImageCount } from "./work/image-counts.js";
export type { Job, JobImage, JobStage, JobState, JobType } from "./work/job.js";
export type { JobCount, JobFilter, Jobs } from "./work/jobs.js";
export type { ImageLock, LockKey, Locks } from "./work/locks.js";
export type { Queue } from "./work/queue.js";
export type { NewTask, Task, TaskImage, Tasks } from "./work/tasks.js";
export { type Bell, createBell } from "./work-items/bell.js";
export { createWorkQueue } from "./work-items/create-work-queue.js";
export { EMBED_TASK, type EmbedWork } from "./work-items/embed-task.js";
export { isLasting } from "./work-items/is-lasting.js";
export type {
  ReportWork,
  WorkEffects,
  WorkerEvent,
  WorkHandler,
  WorkHandlers,
  WorkRun,
} from "./work-items/run-item.js";
export { runWorker, type WorkerOptions } from "./work-items/run-worker.js";
export type { HeldWork, NewWork, WorkItem, WorkState } from "./work-items/work-item.js";
export type {
  Heartbeat,
  WorkClaim,
  WorkCount,
  WorkFailure,
  WorkFilter,
  WorkPage,
  WorkQueue,
} from "./work-items/work-queue.js";
