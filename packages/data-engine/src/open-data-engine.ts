import { type Annotations, createAnnotations } from "./annotations/annotations.js";
import type { Context } from "./context.js";
import { createMachineWork, type MachineWork } from "./machine/machine-work.js";
import { createModels, type Models } from "./models/models.js";
import { createProjects, type Projects } from "./projects/projects.js";
import { createQualityTables, type QualityTables } from "./quality/quality-tables.js";
import { createReviewIssues, type ReviewIssues } from "./review/issues.js";
import { createTransitions, type Transitions } from "./review/transitions.js";
import { createStageAudits, type StageAudits } from "./stages/audits.js";
import { createStages, type Stages } from "./stages/stages.js";
import { createStatistics, type Statistics } from "./statistics/statistics.js";
import { openStore, type Store, type StoreLocation } from "./store/open-store.js";
import { createJobs, type Jobs } from "./work/jobs.js";
import { createLocks, type Locks } from "./work/locks.js";
import { createQueue, type Queue } from "./work/queue.js";
import { createTasks, type Tasks } from "./work/tasks.js";
import { createWorkQueue } from "./work-items/create-work-queue.js";
import type { WorkQueue } from "./work-items/work-queue.js";

/** The data engine: everything that a team's work is made of, over one database. */
export interface DataEngine {
  readonly store: Store;
  /** For parts that are created one by one, such as `createPeople`. */
  readonly context: Context;
  readonly projects: Projects;
  readonly tasks: Tasks;
  readonly jobs: Jobs;
  readonly queue: Queue;
  readonly locks: Locks;
  readonly annotations: Annotations;
  readonly transitions: Transitions;
  readonly issues: ReviewIssues;
  readonly statistics: Statistics;
  readonly models: Models;
  readonly qualityTables: QualityTables;
  readonly stages: Stages;
  readonly stageAudits: StageAudits;
  /** Begins work of the machine. */
  readonly machineWork: MachineWork;
  /** Work of the machine: how far it is. */
  readonly workQueue: WorkQueue;
  close(): Promise<void>;
}

/**
 * Opens the database and what works on it.
 *
 * @throws DataEngineError `store-failed`, `store-newer`
 *
 * @example
 * const engine = await openDataEngine({ file: ":memory:" });
 * console.log(await engine.projects.list()); // []
 * await engine.close();
 */
export async function openDataEngine(
  location: StoreLocation,
  options: {
    /** Milliseconds since 1970; the system's clock by default. */
    readonly now?: () => number;
  } = {},
): Promise<DataEngine> {
  const store = await openStore(location);
  const context = { db: store.db, now: options.now ?? Date.now };
  return { ...createDataEngine(context), context, store, close: store.close };
}

/** The parts of the data engine over an open database. */
export function createDataEngine(context: Context): Omit<DataEngine, "store" | "context" | "close"> {
  return {
    projects: createProjects(context),
    tasks: createTasks(context),
    jobs: createJobs(context),
    queue: createQueue(context),
    locks: createLocks(context),
    annotations: createAnnotations(context),
    transitions: createTransitions(context),
    issues: createReviewIssues(context),
    statistics: createStatistics(context),
    models: createModels(context),
    qualityTables: createQualityTables(context),
    stages: createStages(context),
    stageAudits: createStageAudits(context),
    machineWork: createMachineWork(context),
    workQueue: createWorkQueue(context),
  };
}
