import { randomUUID } from "node:crypto";
import { boxToRle } from "@segany/masks";
import { expect, test } from "vitest";
import { createEngineClient } from "../contract/engine/client.js";
import { openTeamApp } from "../testing/engine-app.js";
import { fetchFrom } from "../testing/fetch-from.js";

const SIZE = { width: 6, height: 5 };

const rle = (width: number) => boxToRle([0, 0, width, 2] as never, SIZE);

/** A team with a client for each person, and an API token's project with the app's image in it. */
async function openWork() {
  const { app, team, image } = await openTeamApp();
  const clientOf = (who: keyof typeof team.headers) =>
    createEngineClient("http://localhost/", {
      token: team.headers[who].authorization.slice("Bearer ".length),
      fetch: fetchFrom(app),
    });
  const [boss, anna, ben] = [clientOf("administrator"), clientOf("worker"), clientOf("supervisor")];
  const classes = [{ name: "pear", colour: "#33aa33", attributes: [] }];
  const { id: project } = await boss.createProject({ body: { name: "fruit", classes } });
  await boss.addMember({ params: { project }, body: { name: "worker", role: "worker" } });
  await boss.addMember({ params: { project }, body: { name: "supervisor", role: "supervisor" } });
  const task = await boss.createTask({ params: { project }, body: { name: "first", images: [image.id] } });
  return { app, team, image, boss, anna, ben, stranger: clientOf("stranger"), project, task };
}

test("an image is labelled, rejected, corrected and accepted", async () => {
  const { anna, ben, project, image, team } = await openWork();
  const { lock } = await anna.nextImage({ params: { project } });
  expect(lock).toMatchObject({ image: image.id, person: team.people.worker.id });
  const { job, number } = lock!;
  const at = { job, image: image.id };
  expect((await ben.nextImage({ params: { project } })).lock).toBeNull(); // nobody gets it a second time
  await expect(ben.takeLock({ params: at })).rejects.toMatchObject({ code: "forbidden" });

  const annotation = randomUUID();
  const put = {
    kind: "put" as const,
    ...{ change: randomUUID(), annotation, base: 0, mask: rle(2), className: "pear" },
    provenance: { source: "manual" as const, events: [{ at: 1, kind: "click", point: [1, 1] }] },
  };
  type Changes = Parameters<typeof anna.saveAnnotations>[0]["body"]["changes"];
  const save = (changes: Changes, lockNumber = number) =>
    anna.saveAnnotations({ params: at, body: { number: lockNumber, changes } });
  const saved = [{ change: put.change, annotation, result: "saved", revision: 1 }];
  expect(await save([put])).toEqual(saved);
  expect(await save([put])).toEqual(saved); // sent again after a lost answer
  await expect(save([{ ...put, change: randomUUID() }], number + 1)).rejects.toMatchObject({
    ...{ code: "lock-lost", status: 409 },
  });
  expect(await anna.keepLock({ params: at, body: { number } })).toMatchObject({ number });
  await anna.finishImage({ params: at, body: { number } });
  expect(await anna.completeJob({ params: { job } })).toMatchObject({ stage: "validation", state: "new" });

  expect((await ben.nextReview({ params: { project } })).job?.id).toBe(job);
  const issue = await ben.createIssue({
    params: { job },
    body: { image: image.id, annotation, point: [1, 1], text: "too small" },
  });
  await ben.rejectJob({ params: { job }, body: { comment: "" } });
  const again = (await anna.nextImage({ params: { project } })).lock!;
  expect(again.job).toBe(job);
  expect((await anna.listIssues({ params: { job } })).map(({ comments }) => comments[0]!.text)).toEqual([
    "too small",
  ]);
  await save([{ ...put, change: randomUUID(), base: 1, mask: rle(4) }], again.number);
  await anna.resolveIssue({ params: { issue: issue.id } });
  await anna.finishImage({ params: at, body: { number: again.number } });
  await anna.completeJob({ params: { job } });
  expect(await ben.acceptJob({ params: { job } })).toMatchObject({ stage: "acceptance", state: "completed" });

  const [present] = await ben.listAnnotations({ params: at });
  expect(present).toMatchObject({ revision: 2, className: "pear", area: 8, author: team.people.worker.id });
  expect(await ben.getStatistics({ params: { project } })).toMatchObject({ masks: 1, edits: 1, clicks: 2 });
  const [row] = await ben.listStatistics({ params: { project }, query: { by: "person" } });
  expect(row).toMatchObject({ key: team.people.worker.id, masks: 1, edits: 1 });
  const by = { params: { project }, query: { by: "person" } } as const;
  const { rows, total } = await ben.getStatisticsTable(by);
  expect([rows.length, total]).toMatchObject([1, { reviewed: 1, kept: 1, acceptedShare: 1 }]);
  expect((await ben.getStatisticsCsv(by)).split("\r\n")[1]).toMatch(/^worker,1,1,0,2,/);
  const { jobs } = await ben.getQueueHealth({ params: { project } });
  expect(jobs).toEqual([{ stage: "acceptance", state: "completed", count: 1 }]);
  const history = await ben.getHistory({ params: { annotation } });
  expect(history.map(({ kind, clicks }) => [kind, clicks])).toEqual([
    ["create", 1],
    ["edit", 1],
  ]);
});

test("a change needs the version that it is based on", async () => {
  const { app, boss, team, project } = await openWork();
  const params = { project };
  const before = await boss.getProject({ params });
  const after = await boss.updateProject({ params, version: before.version, body: { name: "vegetables" } });
  expect([after.name, after.version]).toEqual(["vegetables", before.version + 1]);
  const late = boss.updateProject({ params, version: before.version, body: { name: "nuts" } });
  await expect(late).rejects.toMatchObject({ code: "precondition-failed", status: 412 });

  const url = `/v1/engine/projects/${project}`;
  const headers = { host: "localhost", ...team.headers.administrator };
  const read = await app.inject({ url, headers });
  expect(read.headers.etag).toBe(`"${after.version}"`);
  const cached = { ...headers, "if-none-match": `"${after.version}"` };
  expect((await app.inject({ url, headers: cached })).statusCode).toBe(304);
  const without = await app.inject({ method: "PATCH", url, headers, payload: { name: "nuts" } });
  expect([without.statusCode, without.json().code]).toEqual([428, "precondition-required"]);
});

test("what others label is hidden from workers", async () => {
  const { boss, anna, stranger, project, task, image, team } = await openWork();
  const { items } = await boss.listJobs({ params: { project } });
  const job = items[0]!.id;
  await expect(anna.getJob({ params: { job } })).rejects.toMatchObject({ code: "forbidden" });
  expect((await anna.listJobs({ params: { project } })).items).toEqual([]);
  expect((await anna.countJobImages({ params: { project } })).items).toEqual([]);
  await boss.assignJob({ params: { job }, body: { assignee: team.people.worker.id } });
  expect((await anna.listJobs({ params: { project } })).items.map(({ id }) => id)).toEqual([job]);
  expect((await anna.countJobImages({ params: { project } })).items).toEqual([
    { job, images: 1, open: 1, skipped: 0, skips: [] },
  ]);
  expect((await anna.listJobImages({ params: { job } }))[0]).toMatchObject({
    image: image.id,
    state: "open",
  });
  await expect(anna.listTaskImages({ params: { task: task.id } })).rejects.toMatchObject({
    code: "forbidden",
  });
  await expect(stranger.getTask({ params: { task: task.id } })).rejects.toMatchObject({ code: "not-found" });
  expect((await stranger.listProjects()).items.map(({ id }) => id)).not.toContain(project);
});

test("a task takes no image that its maker may not see", async () => {
  const { boss, stranger, image, team } = await openWork();
  const own = (await stranger.listProjects()).items[0]!.id; // of which the stranger is an owner
  const steal = stranger.createTask({
    params: { project: own },
    body: { name: "theirs", images: [image.id] },
  });
  await expect(steal).rejects.toMatchObject({ code: "not-found" });
  const missing = boss.createTask({
    params: { project: team.project.project! },
    body: { name: "none", images: ["0".repeat(64)] },
  });
  await expect(missing).rejects.toMatchObject({ code: "not-found" });
});

test("work of the machine is seen, cancelled and run again by a maintainer", async () => {
  const { boss, team } = await openWork();
  const { project, work } = team.project as { project: string; work: string };
  const { items } = await boss.listWork({ params: { project } });
  expect(items.map(({ id, state }) => [id, state])).toEqual([[work, "queued"]]);
  expect((await boss.cancelWork({ params: { work } })).state).toBe("cancelled");
  expect((await boss.runWorkAgain({ params: { work } })).state).toBe("queued");
  await expect(boss.runWorkAgain({ params: { work } })).rejects.toMatchObject({ code: "conflict" });
  expect((await boss.listAllWork({ query: { kind: "test" } })).items).toHaveLength(2);
  expect((await boss.getWorkItem({ params: { work } })).project).toBe(project);
});

test("a list is read page by page", async () => {
  const { boss } = await openWork();
  const ids: string[] = [];
  let after: string | null | undefined;
  do {
    const page = await boss.listProjects({ query: { limit: 1, ...(after && { after }) } });
    ids.push(...page.items.map(({ id }) => id));
    after = page.after;
  } while (after !== null);
  expect(ids).toEqual((await boss.listProjects()).items.map(({ id }) => id));
  expect(ids).toHaveLength(3);
});
