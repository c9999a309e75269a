import { expect, it } from "vitest";
import { onBothDatabases, START } from "../testing/on-both-databases.js";
import { boxMask, openTeam, putChange } from "../testing/team.js";
import { createWorkQueue } from "../work-items/create-work-queue.js";
import { addToStatistics, type StatisticsChange } from "./add-to-statistics.js";
import { createStatistics } from "./statistics.js";

const DAY_MS = 86_400_000;
const change = (more: Partial<StatisticsChange>): StatisticsChange => ({
  ...{ project: "p", at: START, person: "anna", source: "manual", model: "sam:1" },
  ...{ masks: 1, edits: 0, deletions: 0, clicks: 3, activeMs: 2500 },
  ...more,
});

onBothDatabases("statistics", (open) => {
  it("are sums and rates of each person, source, model, stage and class", async () => {
    const context = await open();
    const statistics = createStatistics(context);
    const changes = [
      change({ className: "pear" }),
      change({ person: "ben", source: "automatic", clicks: 0, activeMs: 0 }),
      change({ masks: 0, edits: 1, deletions: 1, clicks: 1, activeMs: 500, stage: "validation", model: "" }),
      change({ project: "q", masks: 100 }),
    ];
    for (const one of changes) await addToStatistics(context.db, one);
    expect(await statistics.list("p", { by: "person" })).toEqual([
      {
        ...{ key: "anna", masks: 1, edits: 1, deletions: 1, clicks: 4, activeMs: 3000 },
        ...{ secondsPerMask: 3, clicksPerMask: 4 },
      },
      {
        ...{ key: "ben", masks: 1, edits: 0, deletions: 0, clicks: 0, activeMs: 0 },
        ...{ secondsPerMask: 0, clicksPerMask: 0 },
      },
    ]);
    const masks = async (by: "source" | "model" | "stage" | "class") =>
      (await statistics.list("p", { by })).map((row) => [row.key, row.masks]);
    expect(await masks("source")).toEqual([
      ["automatic", 1],
      ["manual", 1],
    ]);
    expect(await masks("model")).toEqual([
      ["", 0],
      ["sam:1", 2],
    ]);
    expect(await masks("stage")).toEqual([
      ["annotation", 2],
      ["validation", 0],
    ]);
    expect(await masks("class")).toEqual([
      ["", 1],
      ["pear", 1],
    ]);
  });

  it("are by day, and by week from Monday, within a period", async () => {
    const context = await open();
    const { list } = createStatistics(context);
    for (const day of [-1, 0, 1, 6, 7])
      await addToStatistics(context.db, change({ at: START + day * DAY_MS }));
    const keys = async (filter: Parameters<typeof list>[1]) =>
      (await list("p", filter)).map(({ key, masks }) => `${key}: ${masks}`);
    expect(await keys({ by: "day", from: START, to: START + DAY_MS })).toEqual([
      "2026-06-01: 1",
      "2026-06-02: 1",
    ]);
    expect(await keys({ by: "week" })).toEqual(["2026-05-25: 1", "2026-06-01: 3", "2026-06-08: 1"]);
    await expect(list("p", { by: "day", from: START, to: START - 1 })).rejects.toMatchObject({
      code: "invalid",
    });
  });

  it("of an empty project have no rates", async () => {
    const { overview, list, queueHealth } = createStatistics(await open());
    expect(await list("p", { by: "day" })).toEqual([]);
    expect(await overview("p")).toEqual({
      ...{ masks: 0, edits: 0, deletions: 0, clicks: 0, activeMs: 0 },
      ...{ secondsPerMask: null, clicksPerMask: null, masksPerImage: null },
      images: { open: 0, done: 0, skipped: 0 },
    });
    expect(await queueHealth("p")).toEqual({ jobs: [], work: [], oldestJobMs: null, oldestWorkMs: null });
  });

  it("count the masks that a team made, and what waits", async () => {
    const team = await openTeam(open);
    const { engine, project, people, clock } = team;
    await team.addTask(3);
    const lock = (await engine.queue.next(people.anna, project))!;
    await team.label(lock, boxMask(1, 1, 5, 5), boxMask(10, 10, 5, 5));
    const busy = (await engine.queue.next(people.anna, project))!; // open images don't count
    await engine.annotations.save(busy, [putChange(boxMask(2, 2, 5, 5)), putChange(boxMask(9, 2, 5, 5))]);
    await createWorkQueue(team).submit({ kind: "export", project });
    clock.now += 5000;
    const statistics = createStatistics(team);
    expect(await statistics.overview(project)).toMatchObject({
      ...{ masks: 4, masksPerImage: 2, images: { done: 1, open: 2, skipped: 0 } },
    });
    const health = await statistics.queueHealth(project);
    expect(health.work).toEqual([
      { kind: "embed-task", state: "queued", count: 1 },
      { kind: "export", state: "queued", count: 1 },
    ]);
    expect(health.oldestWorkMs).toBe(5000);
    expect(health.jobs.reduce((sum, { count }) => sum + count, 0)).toBeGreaterThan(0);
  });
});
