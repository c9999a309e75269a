import type { Context, Db } from "../context.js";
import { DataEngineError } from "../errors.js";
import { retrainByRule } from "../models/begin-retraining.js";
import { getProject } from "../projects/projects.js";
import { MACHINE } from "../store/machine.js";
import { changeJob, getJob, type Job, type JobStage, toJob, updateJob } from "../work/job.js";
import { getTask } from "../work/tasks.js";
import { agreementWithTruth } from "./ground-truth.js";
import { addIssue } from "./issues.js";
import { quality } from "./match-masks.js";
import { mergeReplicas } from "./merge-replicas.js";

/** The way of a job from annotation over validation to acceptance, and back. */
export interface Transitions {
  /**
   * Hands the labelled job on: to the reviewer who had it before, else to the first who pulls it. Without
   * review it is accepted. The last of several replicas merges them. A training job is accepted, or comes
   * back.
   *
   * @throws DataEngineError `forbidden` unless the person is the assignee; `conflict` if images are open
   */
  complete(person: string, job: string): Promise<Job>;
  /** Accepts a job under review. @throws DataEngineError `forbidden` unless the person reviews it */
  accept(person: string, job: string): Promise<Job>;
  /**
   * Sends a job under review back to its annotator: the images with open issues, or all if there are none.
   *
   * @param comment what is wrong; an issue on the first of the images if there is none yet
   * @throws DataEngineError `forbidden` unless the person reviews it; `invalid` without comment or issue
   */
  reject(person: string, job: string, comment: string): Promise<Job>;
}

export function createTransitions(context: Context): Transitions {
  const { now } = context;
  return {
    complete: (person, id) =>
      changeJob(context, person, id, "complete:job", async (trx, job) => {
        if (job.stage !== "annotation") throw wrongStage(job, "annotation");
        checkAssignee(job, person);
        await checkNoOpenImage(trx, id);
        return afterAcceptance(trx, now(), await complete(trx, now(), job));
      }),
    accept: (person, id) =>
      changeJob(context, person, id, "accept:job", async (trx, job) => {
        checkReview(job, person);
        const accepted = await updateJob(trx, job, now(), { stage: "acceptance", state: "completed" });
        return afterAcceptance(trx, now(), accepted);
      }),
    reject: (person, id, comment) =>
      changeJob(context, person, id, "reject:job", async (trx, job) => {
        checkReview(job, person);
        if (job.annotator === null || job.annotator === MACHINE)
          throw new DataEngineError(
            "conflict",
            "The masks were merged from several people; decide and accept.",
          );
        await reopen(trx, now(), job, person, comment);
        return updateJob(trx, job, now(), {
          ...{ stage: "annotation", state: "rejected", assignee: job.annotator, reviewer: person, pulled: 0 },
        });
      }),
  };
}

/** New accepted masks may be enough to train the model again. */
async function afterAcceptance(trx: Db, now: number, job: Job): Promise<Job> {
  if (job.stage === "acceptance") await retrainByRule(trx, now, job.project, MACHINE);
  return job;
}

/** What follows on the annotation of a job. */
async function complete(trx: Db, now: number, job: Job): Promise<Job> {
  const annotator = job.assignee!;
  const { settings } = await getProject(trx, job.project);
  const task = await getTask(trx, job.task);
  const accepted = { stage: "acceptance", state: "completed", annotator };
  if (task.purpose === "training" && job.type === "annotation") {
    const agreement = await agreementWithTruth(trx, job.id, settings.agreementIou);
    const reached = agreement ? quality(agreement) : 0;
    if (reached >= settings.trainingAccuracy) return updateJob(trx, job, now, accepted);
    await reopen(trx, now, job, MACHINE, trainingMessage(reached, settings.trainingAccuracy));
    return updateJob(trx, job, now, { state: "rejected", annotator });
  }
  if (job.type === "consensus_replica") {
    const done = await updateJob(trx, job, now, accepted);
    await mergeIfLast(trx, now, job.parent!);
    return done;
  }
  if (!settings.review) return updateJob(trx, job, now, accepted);
  return updateJob(trx, job, now, {
    ...{ stage: "validation", state: "new", assignee: job.reviewer, annotator, pulled: 0 },
  });
}

const trainingMessage = (reached: number, needed: number) =>
  `Your masks reach ${reached.toFixed(2)} of the ${needed.toFixed(2)} that are needed (1 is perfect). Look for missing objects and loose outlines.`;

async function mergeIfLast(trx: Db, now: number, id: string): Promise<void> {
  // Locks the parent's row on PostgreSQL: of two last replicas the second one waits, and sees the first.
  await trx.updateTable("job").set({ updated_at: now }).where("id", "=", id).execute();
  const parent = await getJob(trx, id);
  const rows = await trx.selectFrom("job").selectAll().where("parent_id", "=", id).orderBy("id").execute();
  if (parent.stage !== "annotation" || !rows.every(({ stage }) => stage === "acceptance")) return;
  await mergeReplicas(trx, now, parent, rows.map(toJob));
  await updateJob(trx, parent, now, { stage: "validation", state: "new", annotator: MACHINE });
}

function checkAssignee(job: Job, person: string): void {
  if (job.assignee !== person) throw new DataEngineError("forbidden", "The job is not assigned to you.");
}

function checkReview(job: Job, person: string): void {
  if (job.stage !== "validation") throw wrongStage(job, "validation");
  checkAssignee(job, person);
}

const wrongStage = (job: Job, needed: JobStage) =>
  new DataEngineError("conflict", `The job is in the stage ${job.stage}; this needs the stage ${needed}.`);

async function checkNoOpenImage(trx: Db, job: string): Promise<void> {
  const open = await trx
    .selectFrom("job_image")
    .select("name")
    .where("job_id", "=", job)
    .where("state", "=", "open")
    .orderBy("position")
    .execute();
  if (open.length > 0)
    throw new DataEngineError(
      "conflict",
      `${open.length} of the job's images are not labelled yet; the first is ${open[0]!.name}.`,
    );
}

/** Opens the images with open issues again, or all of them, and says why. */
async function reopen(trx: Db, now: number, job: Job, person: string, comment: string): Promise<void> {
  const issues = await trx
    .selectFrom("review_issue")
    .select("image_id")
    .where("job_id", "=", job.id)
    .where("resolved_at", "is", null)
    .execute();
  if (comment.trim() === "" && issues.length === 0)
    throw new DataEngineError("invalid", "Say what is wrong: with a comment, or with an issue on an image.");
  let query = trx.updateTable("job_image").set({ state: "open" }).where("job_id", "=", job.id);
  if (issues.length > 0)
    query = query.where("image_id", "in", [...new Set(issues.map((each) => each.image_id))]);
  const images = await query.where("state", "=", "done").returning(["image_id", "position"]).execute();
  if (comment.trim() === "") return;
  const first = images.toSorted((a, b) => a.position - b.position)[0]?.image_id ?? issues[0]?.image_id;
  if (first !== undefined)
    await addIssue(trx, now, person, { job: job.id, image: first, point: [0, 0], text: comment });
}
