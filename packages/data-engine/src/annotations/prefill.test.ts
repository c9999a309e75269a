import { expect, it } from "vitest";
import { onBothDatabases } from "../testing/on-both-databases.js";
import { boxMask, openTeam, putChange } from "../testing/team.js";
import { type PrefillOptions, type ProposedMask, prefillProject } from "./prefill.js";

const PEAR: ProposedMask = { mask: boxMask(2, 2, 8, 8), className: "pear", score: 0.75 };
const APPLE: ProposedMask = { mask: boxMask(20, 10, 10, 10), className: "apple", score: 0.5 };
const provenance = { engine: "detector", engineHash: "e".repeat(64), model: { name: "sam", hash: "a" } };

onBothDatabases("pre-filling", (open) => {
  async function openProject(images = 2) {
    const team = await openTeam(open);
    await team.addTask(images);
    const [job] = await team.engine.jobs.list(team.project);
    const ids = (await team.engine.jobs.images(job!.id)).map(({ image }) => image);
    const fill = (options: Partial<PrefillOptions> = {}) =>
      prefillProject(team, team.people.olga, {
        ...{ project: team.project, provenance, propose: async () => [PEAR, APPLE] },
        ...options,
      });
    const list = (image: string) => team.engine.annotations.list(job!.id, image);
    return { ...team, job: job!, ids, list, fill };
  }

  it("adds masks with their class, engine and score, once", async () => {
    const { fill, list, ids, engine, people } = await openProject();
    expect(await fill()).toEqual({ images: 2, masks: 4, known: 0, busy: 0, unreadable: 0 });
    const objects = await list(ids[0]!);
    expect(objects).toMatchObject([
      {
        className: expect.stringMatching(/pear|apple/),
        source: "automatic",
        author: people.olga,
        revision: 1,
      },
      { source: "automatic" },
    ]);
    const pear = objects.find(({ className }) => className === "pear")!;
    expect(pear.mask).toEqual(PEAR.mask);
    expect((await engine.annotations.history(pear.id))[0]!.provenance).toEqual({
      ...{ source: "automatic", score: 0.75, ...provenance },
    });
    expect(await fill()).toMatchObject({ masks: 0, known: 4 });
    expect(await list(ids[0]!)).toEqual(objects);
  });

  it("leaves people's objects as they are, also what they deleted, and images that they have open", async () => {
    const { fill, list, ids, engine, people, project } = await openProject(3);
    const lock = (await engine.queue.next(people.anna, project))!;
    const own = putChange(boxMask(3, 3, 8, 8)); // nearly the pear
    await engine.annotations.save(lock, [own]);
    expect(await fill()).toMatchObject({ masks: 4, known: 0, busy: 1 });
    await engine.locks.release(lock);
    expect(await fill()).toMatchObject({ masks: 1, known: 5, busy: 0 });
    const objects = await list(lock.image);
    expect(objects.map(({ id, source }) => [id === own.annotation, source]).sort()).toEqual([
      [false, "automatic"],
      [true, "manual"],
    ]);
    const again = await engine.locks.take(people.anna, lock.job, lock.image);
    const proposed = objects.find(({ source }) => source === "automatic")!;
    const removal = {
      change: crypto.randomUUID(),
      annotation: proposed.id,
      base: 1,
      kind: "delete",
    } as const;
    await engine.annotations.save(again, [removal]);
    await engine.locks.release(again);
    expect(await fill()).toMatchObject({ masks: 0 });
    expect(await list(lock.image)).toHaveLength(1);
    const last = await engine.locks.take(people.anna, lock.job, ids[2]!);
    await engine.locks.done(last);
    expect(await fill({ propose: async (image) => (image === ids[0] ? undefined : []) })).toMatchObject({
      ...{ images: 1, unreadable: 1 }, // the third is labelled
    });
  });

  it("takes the best of proposals for the same object, of whatever class", async () => {
    const { fill, list, ids } = await openProject(1);
    const worse = { ...PEAR, mask: boxMask(2, 2, 8, 7), className: "apple", score: 0.6 };
    expect(await fill({ propose: async () => [worse, PEAR, APPLE] })).toMatchObject({ masks: 2, known: 1 });
    expect((await list(ids[0]!)).map(({ mask }) => mask)).toContainEqual(PEAR.mask);
  });

  it("refuses classes that the project does not have, and stores nothing of that image", async () => {
    const { fill, list, ids } = await openProject(1);
    const propose = async () => [APPLE, { ...PEAR, className: "plum" }];
    await expect(fill({ propose })).rejects.toMatchObject({ code: "invalid" });
    expect(await list(ids[0]!)).toEqual([]);
    await expect(fill({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "aborted" });
  });
});
