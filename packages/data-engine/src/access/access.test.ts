import { expect, it } from "vitest";
import type { Context } from "../context.js";
import { newId } from "../store/ids.js";
import { onBothDatabases } from "../testing/on-both-databases.js";
import { createPeopleParts, insertProject } from "../testing/people.js";
import { isAtLeast, ROLES } from "./roles.js";

const PASSWORD = "correct horse";
const DAY_MS = 86_400_000;

/** A project with a person of each role, an administrator who is no member, and one who is nothing. */
async function team(context: Context) {
  const parts = createPeopleParts(context);
  const project = await insertProject(context);
  const boss = await parts.people.add({ name: "boss", administrator: true }, null);
  const stranger = await parts.people.add({ name: "stranger" }, null);
  const people: Record<string, typeof boss> = {};
  for (const role of ROLES) {
    people[role] = await parts.people.add({ name: role }, null);
    await parts.members.set(boss, project, people[role].id, role);
  }
  const { owner, maintainer, supervisor, worker } = people as Record<(typeof ROLES)[number], typeof boss>;
  return { ...parts, project, boss, stranger, owner, maintainer, supervisor, worker };
}

/** A job with an image and an issue in a project. */
async function insertJob({ db, now }: Context, project: string, image: string) {
  const [task, job, issue] = [newId(), newId(), newId()];
  const at = now();
  const boss = await db.selectFrom("person").select("id").limit(1).executeTakeFirstOrThrow();
  await db
    .insertInto("task")
    .values({
      id: task,
      project_id: project,
      name: "t",
      purpose: "production",
      version: 1,
      created_at: at,
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
      ...{
        assignee: boss.id,
        pulled: 0,
        annotator: null,
        reviewer: null,
        parent_id: null,
        rank: 0,
        version: 1,
      },
      ...{ created_at: at, updated_at: at },
    })
    .execute();
  await db
    .insertInto("image")
    .values({ id: image, width: 1, height: 1, created_at: at })
    .onConflict((conflict) => conflict.column("id").doNothing())
    .execute();
  await db
    .insertInto("job_image")
    .values({
      ...{ job_id: job, image_id: image, position: 0, name: "a.jpg", state: "open", skip_reason: null },
      ...{ lock_person: null, lock_expires_at: null, lock_number: 0 },
    })
    .execute();
  await db
    .insertInto("review_issue")
    .values({
      ...{ id: issue, job_id: job, image_id: image, annotation_id: null, x: 0, y: 0, created_by: boss.id },
      ...{ created_at: at, resolved_at: null, resolved_by: null },
    })
    .execute();
  return { task, job, issue };
}

it("a role may do what those below it may", () => {
  const allowed = ROLES.map((role) => ROLES.filter((least) => isAtLeast(role, least)));
  expect(allowed).toEqual([ROLES, ROLES.slice(1), ROLES.slice(2), ROLES.slice(3)]);
});

onBothDatabases("access", (open) => {
  it("is decided in the project that an object belongs to", async () => {
    const context = await open();
    const { access, supervisor, worker, stranger, boss, project } = await team(context);
    const { task, job, issue } = await insertJob(context, project, "a".repeat(64));
    for (const [kind, id] of [
      ["project", project],
      ["task", task],
      ["job", job],
      ["issue", issue],
    ] as const) {
      expect(await access.standing(worker, kind, id)).toEqual({ project, role: "worker" });
      expect(await access.standing(boss, kind, id)).toEqual({ project, role: "owner" });
      await expect(access.standing(stranger, kind, id)).rejects.toMatchObject({ code: "not-found" });
      await expect(access.require(worker, kind, id, "supervisor")).rejects.toMatchObject({
        code: "forbidden",
      });
      await expect(access.standing(boss, kind, newId())).rejects.toMatchObject({ code: "not-found" });
    }
    const may = (person: typeof worker, kind: "job" | "issue", id: string) =>
      access.requireParticipant(person, kind, id, "supervisor").then(
        () => true,
        ({ code }) => code,
      );
    expect(await may(supervisor, "job", job)).toBe(true);
    expect(await may(worker, "job", job)).toBe("forbidden");
    for (const part of ["assignee", "annotator", "reviewer"] as const) {
      await context.db.updateTable("job").set({ assignee: null, annotator: null, reviewer: null }).execute();
      await context.db
        .updateTable("job")
        .set({ [part]: worker.id })
        .execute();
      expect([await may(worker, "job", job), await may(worker, "issue", issue)]).toEqual([true, true]);
      expect(await may(stranger, "job", job)).toBe("not-found");
    }
  });

  it("to a deleted project is left to its owners", async () => {
    const context = await open();
    const { access, owner, maintainer, project } = await team(context);
    await context.db.updateTable("project").set({ deleted_at: 1 }).execute();
    expect(await access.standing(owner, "project", project)).toEqual({ project, role: "owner" });
    await expect(access.standing(maintainer, "project", project)).rejects.toMatchObject({
      code: "not-found",
    });
  });

  it("to an image has who is in one of its projects", async () => {
    const context = await open();
    const { access, worker, stranger, boss, project, members } = await team(context);
    const [shared, free] = ["a".repeat(64), "b".repeat(64)];
    await insertJob(context, project, shared);
    const other = await insertProject(context, "dogs");
    await insertJob(context, other, shared);
    expect(await access.maySeeImage(worker, shared)).toBe(true);
    expect(await access.maySeeImage(boss, shared)).toBe(true);
    expect(await access.maySeeImage(stranger, shared)).toBe(false);
    expect(await access.visibleImages(stranger, [shared, free])).toEqual(new Set([free]));
    await members.set(boss, other, stranger.id, "owner");
    await members.set(boss, other, stranger.id, "worker").catch(() => undefined);
    expect(await access.maySeeImage(stranger, shared)).toBe(true);
    expect([await access.isImageUsed(shared), await access.isImageUsed(free)]).toEqual([true, false]);
  });

  it("is given by owners and maintainers, up to their own role", async () => {
    const { members, project, boss, owner, maintainer, supervisor, worker, stranger } = await team(
      await open(),
    );
    const give = (actor: typeof boss, to: typeof boss, role: (typeof ROLES)[number]) =>
      members.set(actor, project, to.id, role).then(
        ({ role: given }) => given,
        ({ code }) => code,
      );
    expect(await give(maintainer, stranger, "worker")).toBe("worker");
    expect(await give(maintainer, stranger, "owner")).toBe("forbidden");
    expect(await give(maintainer, owner, "worker")).toBe("forbidden");
    expect(await give(supervisor, worker, "supervisor")).toBe("forbidden");
    expect(await give(worker, worker, "owner")).toBe("forbidden");
    expect(await give(owner, owner, "maintainer")).toBe("conflict");
    expect(await give(owner, maintainer, "owner")).toBe("owner");
    expect(await give(owner, owner, "maintainer")).toBe("maintainer");
    expect((await members.list(project)).map(({ name, role }) => [name, role])).toEqual([
      ["maintainer", "owner"],
      ["owner", "maintainer"],
      ["stranger", "worker"],
      ["supervisor", "supervisor"],
      ["worker", "worker"],
    ]);
    const take = (actor: typeof boss, from: typeof boss) =>
      members.remove(actor, project, from.id).then(
        () => "removed",
        ({ code }) => code,
      );
    expect(await take(supervisor, worker)).toBe("forbidden");
    expect(await take(worker, worker)).toBe("removed");
    expect(await take(boss, worker)).toBe("not-found");
    expect(await take(maintainer, maintainer)).toBe("conflict");
  });

  it("keeps an owner, whoever goes at the same time", async () => {
    const { members, project, boss, owner, maintainer } = await team(await open());
    await members.set(boss, project, maintainer.id, "owner");
    const results = await Promise.allSettled([
      members.remove(owner, project, owner.id),
      members.remove(maintainer, project, maintainer.id),
    ]);
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  });
});

onBothDatabases("invitations", (open) => {
  it("add an account, once", async () => {
    const context = await open();
    const { invitations, members, sessions, maintainer, project } = await team(context);
    const { secret, ...invitation } = await invitations.create(maintainer, project, "worker");
    expect(await invitations.list(project)).toEqual([invitation]);
    expect(await invitations.offer(secret)).toEqual({
      ...{ projectName: "cats", role: "worker", invitedBy: "maintainer" },
      expiresAt: context.now() + 7 * DAY_MS,
    });
    const both = await Promise.allSettled(
      ["new1", "new2"].map((name) => invitations.acceptAsNew(secret, { name, password: PASSWORD })),
    );
    expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    const people = await members.list(project);
    expect(people.filter(({ name }) => name.startsWith("new"))).toMatchObject([{ role: "worker" }]);
    const { name } = people.find((member) => member.name.startsWith("new"))!;
    await sessions.signIn({ name, password: PASSWORD, address: "a" });
    const accounts = await context.db
      .selectFrom("person")
      .select("id")
      .where("name", "like", "new%")
      .execute();
    expect(accounts).toHaveLength(1); // nothing of the other one was left
    await expect(invitations.offer(secret)).rejects.toMatchObject({ code: "not-found" });
  });

  it("are joined by people who have an account, and lower no role", async () => {
    const { invitations, members, owner, supervisor, stranger, project } = await team(await open());
    const invite = async () => (await invitations.create(owner, project, "worker")).secret;
    expect(await invitations.accept(await invite(), stranger)).toMatchObject({ project, role: "worker" });
    expect(await invitations.accept(await invite(), supervisor)).toMatchObject({ role: "supervisor" });
    expect(await members.list(project)).toHaveLength(5);
  });

  it("end: in time, when revoked, when the inviter may no longer invite", async () => {
    const context = await open();
    const { invitations, members, boss, maintainer, stranger, project } = await team(context);
    const accept = (secret: string) =>
      invitations.accept(secret, stranger).then(
        () => "joined",
        ({ code }) => code,
      );
    const late = await invitations.create(maintainer, project, "worker", 1000);
    context.clock.now += 1000;
    expect(await accept(late.secret)).toBe("not-found");
    const revoked = await invitations.create(maintainer, project, "worker");
    await invitations.revoke(maintainer, revoked.id);
    expect(await accept(revoked.secret)).toBe("not-found");
    const orphaned = await invitations.create(maintainer, project, "worker");
    await members.set(boss, project, maintainer.id, "supervisor");
    expect(await accept(orphaned.secret)).toBe("forbidden");
    await members.set(boss, project, maintainer.id, "maintainer");
    expect(await accept(orphaned.secret)).toBe("joined");
    await expect(invitations.revoke(boss, orphaned.id)).rejects.toMatchObject({ code: "conflict" });
    expect(await accept("invitation_forged")).toBe("not-found");
  });

  it("are refused above the inviter's role, and for ever", async () => {
    const { invitations, maintainer, supervisor, project } = await team(await open());
    await expect(invitations.create(maintainer, project, "owner")).rejects.toMatchObject({
      code: "forbidden",
    });
    await expect(invitations.create(supervisor, project, "worker")).rejects.toMatchObject({
      code: "forbidden",
    });
    await expect(invitations.create(maintainer, project, "worker", 31 * DAY_MS)).rejects.toMatchObject({
      code: "invalid",
    });
  });

  it("leave no secret in the database", async () => {
    const context = await open();
    const { invitations, maintainer, project } = await team(context);
    const { secret } = await invitations.create(maintainer, project, "worker");
    const rows = await context.db.selectFrom("invitation").selectAll().execute();
    const log = await context.db.selectFrom("audit_log").selectAll().execute();
    expect(JSON.stringify([rows, log])).not.toContain(secret);
  });
});
