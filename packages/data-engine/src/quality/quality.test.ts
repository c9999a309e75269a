import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import type { AnnotationChange } from "../annotations/annotation.js";
import { onBothDatabases, START } from "../testing/on-both-databases.js";
import { boxMask, openTeam, putChange } from "../testing/team.js";
import { statisticsCsv } from "./csv.js";
import { createQualityTables } from "./quality-tables.js";

const DAY_MS = 86_400_000;

onBothDatabases("tables of quality", (open) => {
  /** Accepted, of Anna: a mask that stays, one that Ben corrects, one he deletes, one she took back. */
  async function openReviewed() {
    const team = await openTeam(open);
    const { engine, people, project } = team;
    await team.addTask(1);
    const lock = (await engine.queue.next(people.anna, project))!;
    const masks = [0, 8, 16, 24].map((x) => putChange(boxMask(x, 0, 5, 6)));
    const [kept, corrected, removed, takenBack] = masks as [AnnotationChange, ...AnnotationChange[]];
    await engine.annotations.save(lock, masks);
    await engine.annotations.save(lock, [deletion(takenBack!)]);
    await team.label(lock);
    expect((await createQualityTables(team).read(project, { by: "person" })).total.reviewed).toBe(0);
    const job = (await engine.queue.nextReview(people.ben, project))!;
    const fix = await engine.locks.take(people.ben, job.id, lock.image);
    const larger = putChange(boxMask(8, 0, 5, 9), { annotation: corrected!.annotation, base: 1 });
    await engine.annotations.save(fix, [larger, deletion(removed!)]);
    await engine.transitions.accept(people.ben, job.id);
    return { ...team, image: lock.image, task: job.task, kept };
  }

  const deletion = ({ annotation }: AnnotationChange): AnnotationChange => ({
    ...{ change: randomUUID(), annotation, base: 1, kind: "delete" },
  });

  it("says what became of masks in review, by who made them", async () => {
    const team = await openReviewed();
    const { rows, total, isSample } = await createQualityTables(team).read(team.project, { by: "person" });
    const fates = { reviewed: 3, kept: 1, corrected: 1, removed: 1, acceptedShare: 1 / 3 };
    expect(rows.map(({ key, masks, edits }) => [key, masks, edits])).toEqual([
      [team.people.anna, 4, 0],
      [team.people.ben, 0, 1],
    ]);
    expect(rows[0]).toMatchObject({ ...fates, truthIou: null, agreement: null });
    expect(rows[1]).toMatchObject({ reviewed: 0, acceptedShare: null });
    expect([total, isSample]).toEqual([{ ...fates, truthIou: null, agreement: null }, false]);
    const later = { by: "day", from: START + DAY_MS } as const;
    expect((await createQualityTables(team).read(team.project, later)).rows).toEqual([]);
  });

  it("measures masks on the images of accepted ground truth", async () => {
    const team = await openReviewed();
    const { engine, people, project } = team;
    const truth = await engine.tasks.addGroundTruth(people.olga, team.task, [team.image]);
    await engine.jobs.assign(people.olga, truth, people.cleo);
    // 5 x 6 of 5 x 8 pixels of the mask that stayed; the corrected one has none of its own.
    await team.label(await engine.locks.take(people.cleo, truth, team.image), boxMask(0, 0, 5, 8));
    const tables = createQualityTables(team);
    expect((await tables.read(project, { by: "stage" })).total.truthIou).toBeNull();
    await engine.queue.nextReview(people.ben, project);
    await engine.transitions.accept(people.ben, truth);
    const { rows, total } = await tables.read(project, { by: "stage" });
    expect(total.truthIou).toBeCloseTo((30 / 40 + 0) / 2, 6);
    expect(rows.map(({ key, truthIou }) => [key, truthIou])).toEqual([
      ["annotation", total.truthIou],
      ["validation", null],
    ]);
  });

  it("measures how replicas agree", async () => {
    const team = await openTeam(open);
    const { engine, people, project } = team;
    await team.addTask(1, { replicas: 2 });
    const [anna, ben] = [people.anna, people.ben];
    await team.label((await engine.queue.next(anna, project))!, boxMask(0, 0, 10, 10));
    await team.label((await engine.queue.next(ben, project))!, boxMask(0, 0, 10, 8), boxMask(30, 0, 5, 5));
    const { rows } = await createQualityTables(team).read(project, { by: "person" });
    const agreement = new Map(rows.map((row) => [row.key, row.agreement]));
    expect(agreement.get(anna)).toBeCloseTo(0.8, 6);
    expect(agreement.get(ben)).toBeCloseTo((0.8 + 0) / 2, 6);
    expect(rows.every(({ reviewed }) => reviewed === 0)).toBe(true);
  });
});

it("as CSV are quoted, and never a formula", () => {
  const sums = { masks: 2, edits: 0, deletions: 0, clicks: 3, activeMs: 2500 };
  const reviewed = { reviewed: 4, kept: 2, corrected: 1, removed: 1, acceptedShare: 0.5 };
  const row = { ...sums, ...reviewed, key: 'a,"b"', truthIou: 0.75, agreement: null };
  const none = { ...row, key: "=cmd()", masks: 0, secondsPerMask: null, clicksPerMask: null };
  expect(statisticsCsv([{ ...row, secondsPerMask: 1.25, clicksPerMask: 1.5 }, none])).toBe(
    "key,masks,edits,deletions,clicks,active_seconds,seconds_per_mask,clicks_per_mask,reviewed," +
      "accepted_as_made,corrected,removed,accepted_share,ground_truth_iou,agreement\r\n" +
      '"a,""b""",2,0,0,3,2.5,1.25,1.5,4,2,1,1,0.5,0.75,\r\n' +
      "'=cmd(),0,0,0,3,2.5,,,4,2,1,1,0.5,0.75,\r\n",
  );
});
