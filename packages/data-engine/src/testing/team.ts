import { randomUUID } from "node:crypto";
import { boxToRle, type Rle, rleToRuns, runsToRle } from "@segany/masks";
import type { AnnotationChange, ChangeResult, WorkEvent } from "../annotations/annotation.js";
import type { Context } from "../context.js";
import { createDataEngine } from "../open-data-engine.js";
import type { ProjectChange } from "../projects/projects.js";
import { newId } from "../store/ids.js";
import type { Job } from "../work/job.js";
import type { ImageLock } from "../work/locks.js";
import type { NewTask, Task, TaskImage } from "../work/tasks.js";
import type { OpenTestStore } from "./on-both-databases.js";

/** Width and height of the tests' images. */
export const SIZE = { width: 40, height: 30 };

/** Images as a task takes them; the same number is the same image. */
export function madeImages(count: number): TaskImage[] {
  return Array.from({ length: count }, (_, i) => ({
    ...{ id: String(i).padStart(64, "0"), name: `${String(i).padStart(4, "0")}.jpg`, ...SIZE },
  }));
}

/** A rectangle. */
export function boxMask(x: number, y: number, width: number, height: number): Rle {
  return runsToRle(rleToRuns(boxToRle([x, y, width, height] as never, SIZE)));
}

/** A team with a project: Olga owns it, the others label and review. */
export async function openTeam(open: OpenTestStore, project: ProjectChange = {}) {
  const context = await open();
  const { store: _, ...rest } = context;
  const engine = createDataEngine(context);
  const olga = await addPerson(context, "olga");
  const { id } = await engine.projects.create(olga, {
    name: "fruit",
    classes: ["pear", "apple"].map((name) => ({ name, colour: "#3366cc", attributes: [] })),
    ...project,
  });
  const member = async (name: string) => {
    const person = await addPerson(context, name);
    await context.db
      .insertInto("member")
      .values({ project_id: id, person_id: person, role: "worker" })
      .execute();
    return person;
  };
  const people = { olga, anna: await member("anna"), ben: await member("ben"), cleo: await member("cleo") };
  const addTask = (images: number, more: Partial<NewTask> = {}): Promise<Task> =>
    engine.tasks.create(olga, { project: id, name: "first", images: madeImages(images), ...more });
  /** Stores a mask, marks the image as labelled and hands the job on if it was the last one. */
  const label = async (lock: ImageLock, ...masks: readonly Rle[]): Promise<Job> => {
    await engine.annotations.save(
      lock,
      masks.map((mask) => putChange(mask)),
    );
    await engine.locks.done(lock);
    const images = await engine.jobs.images(lock.job);
    if (images.some(({ state }) => state === "open")) return engine.jobs.get(lock.job);
    return engine.transitions.complete(lock.person, lock.job);
  };
  return { ...rest, engine, project: id, people, addTask, label };
}

async function addPerson({ db, now }: Context, name: string): Promise<string> {
  const id = newId(now());
  await db
    .insertInto("person")
    .values({ id, name, password: null, administrator: 0, created_at: now(), disabled_at: null })
    .execute();
  return id;
}

/** A change that makes or replaces a mask. */
export function putChange(
  mask: Rle,
  {
    annotation = randomUUID(),
    base = 0,
    className = "pear",
    events = [],
  }: { annotation?: string; base?: number; className?: string | null; events?: readonly WorkEvent[] } = {},
): AnnotationChange {
  const provenance = { source: "manual" as const, events };
  return { change: randomUUID(), annotation, base, kind: "put", mask, className, provenance };
}

/** What a saved change gives back. */
export const saved = ({ change, annotation }: AnnotationChange, revision: number): ChangeResult => ({
  ...{ change, annotation, result: "saved", revision },
});
