import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import { onBothDatabases } from "../testing/on-both-databases.js";
import { boxMask, openTeam, putChange, saved } from "../testing/team.js";

onBothDatabases("annotations", (open) => {
  async function openImage() {
    const team = await openTeam(open);
    await team.addTask(2);
    const lock = (await team.engine.queue.next(team.people.anna, team.project))!;
    const { annotations } = team.engine;
    return { ...team, lock, annotations, list: () => annotations.list(lock.job, lock.image) };
  }

  it("keep every state of an object", async () => {
    const { lock, annotations, list, people, clock } = await openImage();
    const first = putChange(boxMask(0, 0, 4, 5), { className: null });
    expect(await annotations.save(lock, [first])).toEqual([saved(first, 1)]);
    clock.now += 1000;
    const { annotation } = first;
    const edit = putChange(boxMask(0, 0, 6, 5), { annotation, base: 1, className: "apple" });
    await annotations.save(lock, [edit]);
    expect(await list()).toMatchObject([
      {
        id: annotation,
        revision: 2,
        mask: boxMask(0, 0, 6, 5),
        className: "apple",
        area: 30,
        author: people.anna,
      },
    ]);
    const removal = { change: randomUUID(), annotation, base: 2, kind: "delete" } as const;
    await annotations.save(lock, [removal]);
    expect(await list()).toEqual([]);
    const back = { change: randomUUID(), annotation, base: 3, kind: "restore", revision: 1 } as const;
    expect(await annotations.save(lock, [back])).toEqual([saved(back, 4)]);
    expect(await list()).toMatchObject([
      { revision: 4, mask: boxMask(0, 0, 4, 5), className: null, area: 20 },
    ]);
    const history = await annotations.history(annotation);
    expect(history.map(({ number, kind, mask }) => [number, kind, mask])).toEqual([
      [1, "create", boxMask(0, 0, 4, 5)],
      [2, "edit", boxMask(0, 0, 6, 5)],
      [3, "delete", null],
      [4, "restore", boxMask(0, 0, 4, 5)],
    ]);
  });

  it("keep the machine's confidence until somebody changes the mask", async () => {
    const { lock, annotations, list } = await openImage();
    const provenance = { source: "automatic" as const, scores: { confidence: 0.8 } };
    const made = { ...putChange(boxMask(0, 0, 4, 5), { className: null }), provenance };
    await annotations.save(lock, [made]);
    const { annotation } = made;
    const named = putChange(boxMask(0, 0, 4, 5), { annotation, base: 1, className: "apple" });
    await annotations.save(lock, [named]);
    expect(await list()).toMatchObject([{ className: "apple", confidence: 0.8 }]);
    await annotations.save(lock, [putChange(boxMask(0, 0, 5, 4), { annotation, base: 2 })]);
    expect(await list()).toMatchObject([{ revision: 3, area: 20, confidence: null }]);
    await annotations.save(lock, [putChange(boxMask(0, 0, 4, 5), { annotation, base: 3 })]);
    expect(await list()).toMatchObject([{ revision: 4, confidence: null }]);
    const back = { change: randomUUID(), annotation, base: 4, kind: "restore", revision: 1 } as const;
    await annotations.save(lock, [back]);
    expect(await list()).toMatchObject([{ revision: 5, confidence: 0.8 }]);
  });

  it("store a change once that is sent twice", async () => {
    const { lock, annotations } = await openImage();
    const change = putChange(boxMask(0, 0, 4, 5));
    await annotations.save(lock, [change]);
    expect(await annotations.save(lock, [change])).toEqual([saved(change, 1)]);
    expect(await annotations.history(change.annotation)).toHaveLength(1);
  });

  it("report a change on an older state, and store the others", async () => {
    const { lock, annotations, list } = await openImage();
    const first = putChange(boxMask(0, 0, 4, 5));
    const { annotation } = first;
    await annotations.save(lock, [first, putChange(boxMask(0, 0, 6, 5), { annotation, base: 1 })]);
    const late = putChange(boxMask(0, 0, 9, 9), { annotation, base: 1 });
    const other = putChange(boxMask(20, 20, 3, 3));
    expect(await annotations.save(lock, [late, other])).toEqual([
      { change: late.change, annotation, result: "conflict", revision: 2 },
      saved(other, 1),
    ]);
    expect((await list()).map(({ area }) => area).sort()).toEqual([30, 9]);
  });

  it("store nothing of a request with a mask, class or object that can't be", async () => {
    const { annotations, list, people, engine, project } = await openImage();
    const good = putChange(boxMask(0, 0, 4, 5));
    const others = (await engine.queue.next(people.anna, project))!;
    const wrong = [
      { ...putChange(boxMask(0, 0, 1, 1)), mask: { size: [30, 41], counts: "0" } },
      { ...putChange(boxMask(0, 0, 1, 1)), mask: { size: [30, 40], counts: "`TQ" } },
      { ...putChange(boxMask(0, 0, 1, 1)), mask: { size: [30, 40], counts: [1200] } },
      { ...putChange(boxMask(0, 0, 1, 1)), className: "plum" },
      { change: randomUUID(), annotation: randomUUID(), base: 0, kind: "restore", revision: 1 },
    ];
    for (const change of wrong) {
      const saving = annotations.save(others, [good, change as never]);
      await expect(saving).rejects.toMatchObject({ code: expect.stringMatching(/invalid|not-found/) });
    }
    expect(await list()).toEqual([]);
  });

  it("count clicks and the time of work, without pauses", async () => {
    const { lock, annotations, db, people } = await openImage();
    const at = (seconds: number, kind: string) => ({ at: 1e12 + seconds * 1000, kind });
    const events = [
      at(0, "start"),
      at(2, "click"),
      at(5, "click"),
      at(300, "click"),
      at(310, "accept"),
      at(309, "x"),
    ];
    const change = putChange(boxMask(0, 0, 4, 5), { events });
    await annotations.save(lock, [change]);
    const [revision] = await annotations.history(change.annotation);
    expect(revision).toMatchObject({ clicks: 3, activeMs: 15_000, provenance: { events } });
    const removal = { change: randomUUID(), annotation: change.annotation, base: 1, kind: "delete" } as const;
    await annotations.save(lock, [removal, change]); // the second one is stored already
    const sums = await db.selectFrom("statistic").selectAll().execute();
    expect(sums).toMatchObject([
      {
        person_id: people.anna,
        source: "manual",
        masks: 1,
        edits: 0,
        deletions: 1,
        clicks: 3,
        active_ms: 15_000,
      },
    ]);
  });

  it("are refused without the lock", async () => {
    const { lock, annotations, engine } = await openImage();
    await engine.locks.release(lock);
    await expect(annotations.save(lock, [putChange(boxMask(0, 0, 4, 5))])).rejects.toMatchObject({
      code: "lock-lost",
    });
  });
});
