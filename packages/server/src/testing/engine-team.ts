import { randomUUID } from "node:crypto";
import { openStore, type Person, type StoreLocation } from "@segany/data-engine";
import { onTestFinished } from "vitest";
import type { Role } from "../contract/engine/values.js";
import type { EngineParts } from "../database/open-engine.js";

export const PASSWORD = "correct horse";

export const ROLES: readonly Role[] = ["owner", "maintainer", "supervisor", "worker"];

/** A project with an object of each kind, by the names of path parameters. */
export type ProjectIds = Readonly<Record<string, string>>;

/** People of each role in one project, others, and what they send to say who they are. */
export interface Team {
  readonly project: ProjectIds;
  readonly people: Readonly<Record<Role | "administrator" | "stranger", Person>>;
  /** Headers with an API token of the person. */
  readonly headers: Readonly<Record<Role | "administrator" | "stranger", { authorization: string }>>;
}

/** Adds accounts and two projects; the stranger owns the second one. */
export async function addTeam(parts: EngineParts, at: StoreLocation, image: string): Promise<Team> {
  const administrator = await parts.people.add(
    { name: "boss", password: PASSWORD, administrator: true },
    null,
  );
  const names = [...ROLES, "stranger"] as const;
  const people: Record<string, Person> = { administrator };
  for (const name of names) people[name] = await parts.people.add({ name, password: PASSWORD }, null);
  const ids = await insertProject(at, administrator.id, image);
  const other = await insertProject(at, administrator.id, "f".repeat(64));
  for (const role of ROLES) await parts.members.set(administrator, ids.project, people[role]!.id, role);
  await parts.members.set(administrator, other.project, people.stranger!.id, "owner");
  const { id: invitation } = await parts.invitations.create(administrator, ids.project, "worker");
  const headers: Record<string, { authorization: string }> = {};
  for (const [name, { id }] of Object.entries(people))
    headers[name] = { authorization: `Bearer ${(await parts.tokens.create(id, "test")).secret}` };
  return {
    project: { ...ids, invitation, image, person: randomUUID(), token: randomUUID() },
    people: people as Team["people"],
    headers: headers as Team["headers"],
  };
}

const KINDS = [
  ...(["project", "task", "job", "annotation", "issue", "webhook", "delivery", "work", "model"] as const),
];

/**
 * Inserts a project with a task, a job on an image, a mask, an issue, a webhook with a delivery, and work.
 */
async function insertProject(at: StoreLocation, person: string, image: string) {
  const { db, close } = await openStore(at);
  onTestFinished(close);
  const ids = Object.fromEntries(KINDS.map((kind) => [kind, randomUUID()])) as Record<
    (typeof KINDS)[number],
    string
  >;
  const { project, task, job, annotation, issue, webhook, delivery, work, model } = ids;
  const at0 = { created_at: 0 };
  await db
    .insertInto("project")
    .values({
      id: project,
      name: "p",
      classes_json: "[]",
      settings_json: "{}",
      version: 1,
      ...at0,
      deleted_at: null,
    })
    .execute();
  await db
    .insertInto("task")
    .values({
      id: task,
      project_id: project,
      name: "t",
      purpose: "production",
      version: 1,
      ...at0,
      deleted_at: null,
    })
    .execute();
  await db
    .insertInto("job")
    .values({
      ...{
        id: job,
        task_id: task,
        project_id: project,
        type: "annotation",
        stage: "annotation",
        state: "new",
      },
      ...{ assignee: null, pulled: 0, annotator: null, reviewer: null, parent_id: null, rank: 0, version: 1 },
      ...{ ...at0, updated_at: 0 },
    })
    .execute();
  await db
    .insertInto("image")
    .values({ id: image, width: 6, height: 5, ...at0 })
    .execute();
  await db
    .insertInto("job_image")
    .values({
      ...{ job_id: job, image_id: image, position: 0, name: "a.png", state: "open", skip_reason: null },
      ...{ lock_person: null, lock_expires_at: null, lock_number: 0 },
    })
    .execute();
  await db
    .insertInto("annotation")
    .values({
      ...{ id: annotation, project_id: project, job_id: job, image_id: image, revision: 1, class_name: null },
      ...{ area: 1, source: "manual", confidence: null, ...at0, deleted_at: null },
    })
    .execute();
  await db
    .insertInto("review_issue")
    .values({
      ...{ id: issue, job_id: job, image_id: image, annotation_id: null, x: 0, y: 0, created_by: person },
      ...{ ...at0, resolved_at: null, resolved_by: null },
    })
    .execute();
  await db
    .insertInto("webhook")
    .values({
      id: webhook,
      project_id: project,
      url: "http://127.0.0.1:1/",
      secret: "s",
      events_json: "[]",
      ...at0,
      disabled_at: null,
    })
    .execute();
  await db
    .insertInto("webhook_delivery")
    .values({
      ...{
        id: delivery,
        webhook_id: webhook,
        event: "e",
        body: "{}",
        attempt: 1,
        state: "failed",
        next_at: 0,
      },
      ...{ status: null, error: null, ...at0 },
    })
    .execute();
  await db
    .insertInto("work_item")
    .values({
      ...{ id: work, kind: "test", project_id: project, payload_json: "{}", state: "queued", priority: 1 },
      ...{ attempt: 0, max_attempts: 3, run_at: 0, lease_owner: null, lease_expires_at: null },
      ...{ cancel_requested: 0, progress_json: null, result_json: null, error: null, ...at0, updated_at: 0 },
    })
    .execute();
  await db
    .insertInto("model_version")
    .values({
      ...{ id: model, project_id: project, number: 1, state: "candidate", parent_id: null, work_id: null },
      ...{ source_json: '{"name":"small","isKept":false}', checkpoint: "a".repeat(64) },
      ...{ encoder: "a".repeat(64), settings_json: '{"training":{}}', scores_json: null },
      ...{ created_by: person, ...at0, finished_at: 0, chosen_by: null, chosen_at: null, reason: null },
    })
    .execute();
  return ids;
}
