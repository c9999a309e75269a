import { expect, it } from "vitest";
import { onBothDatabases } from "../testing/on-both-databases.js";
import { boxMask, openTeam } from "../testing/team.js";
import { storeTrained } from "./finish-retraining.js";
import type { PromptScores } from "./model-version.js";

const scores = (click: number, box = 0.5): PromptScores => ({
  ...{ click, box, oracle: 0.9, clicks: 0.9, objects: 7 },
});
const kept = (hash: string) => ({
  source: { name: "small", isKept: true },
  ...{ checkpoint: hash.repeat(64), encoder: "0".repeat(64) },
});

onBothDatabases("versions of a model", (open) => {
  /** A project without review in which Anna labelled some images with one mask each. */
  async function openLabelled(images: number, settings = {}) {
    const team = await openTeam(open, { settings: { review: false, ...settings } });
    const { engine, people, project, db, now } = team;
    await team.addTask(images + 1, { imagesPerJob: 1 }); // the last image stays open
    const labelMore = async (count: number) => {
      for (let i = 0; i < count; i++)
        await team.label((await engine.queue.next(people.anna, project))!, boxMask(i, 1, 5, 5));
    };
    await labelMore(images);
    const finish = (version: string, before: number, after: number, hash = "a") =>
      db.transaction().execute((trx) =>
        storeTrained(trx, now(), {
          ...{ version, ...kept(hash), scores: { before: scores(before), after: scores(after) } },
          base: { ...kept("0"), source: { name: "small", isKept: false } },
        }),
      );
    const { models } = engine;
    const states = async () => (await models.list(project)).map(({ number, state }) => `${number} ${state}`);
    return {
      ...team,
      models,
      finish,
      states,
      labelMore,
      retrain: () => models.retrain(people.olga, project),
    };
  }

  it("are made of the accepted masks as they are, without those on frozen images", async () => {
    const { models, retrain, engine, project, db, people } = await openLabelled(10);
    const version = await retrain();
    expect(version).toMatchObject({ number: 1, state: "training", parent: null, checkpoint: null });
    expect(version.data).toEqual({ training: { images: 8, masks: 8 }, validation: { images: 2, masks: 2 } });
    expect(await engine.workQueue.get(version.work!)).toMatchObject({
      ...{ kind: "retrain", project, payload: { version: version.id }, state: "queued" },
    });
    await expect(retrain()).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("1"),
    });
    // The next one has the same frozen images, also where more are accepted.
    const frozen = () => db.selectFrom("validation_image").select("image_id").orderBy("image_id").execute();
    const before = await frozen();
    await engine.workQueue.cancel(version.work!);
    expect((await models.get(version.id)).state).toBe("failed");
    const lock = (await engine.queue.next(people.ben, project))!;
    await engine.locks.done(lock);
    await engine.transitions.complete(people.ben, lock.job);
    const second = await retrain();
    expect(second).toMatchObject({ number: 2, data: { training: { masks: 8 } } }); // ben's image has no mask
    expect(await frozen()).toEqual(before);
  });

  it("need masks to learn from and to measure with", async () => {
    const { retrain } = await openLabelled(2);
    await expect(retrain()).rejects.toThrow("2 accepted images have masks");
  });

  it("become the current one if they are better, and can be taken back", async () => {
    const { models, retrain, finish, states, people, project } = await openLabelled(5);
    expect(await models.current(project)).toBeUndefined();
    const first = await finish((await retrain()).id, 0.6, 0.7);
    expect(await states()).toEqual(["0 former", "1 current"]);
    expect(first.reason).toBe("Better on 7 objects: one click 0.600 → 0.700, box 0.500 → 0.500.");
    const base = await models.byNumber(project, 0);
    expect([first.parent, base.source]).toEqual([base.id, { name: "small", isKept: false }]);
    const second = await finish((await retrain()).id, 0.7, 0.7, "b");
    expect([second.state, second.parent]).toEqual(["candidate", first.id]);
    await models.use(people.olga, project, 2, "Outlines look cleaner.");
    expect(await states()).toEqual(["0 former", "1 former", "2 current"]);
    expect(await models.use(people.olga, project, 0, "It lost the small ones.")).toMatchObject({
      ...{ number: 0, state: "current", chosenBy: people.olga, reason: "It lost the small ones." },
    });
    const used = async (number: number, reason = "x") => models.use(people.olga, project, number, reason);
    await expect(used(0)).rejects.toMatchObject({ code: "conflict" });
    await expect(used(7)).rejects.toMatchObject({ code: "not-found" });
    await expect(used(1, "  ")).rejects.toMatchObject({ code: "invalid" });
    await retrain();
    await expect(used(3)).rejects.toThrow("its state is training");
  });

  it("wait for a person when another became the current one meanwhile", async () => {
    const { models, retrain, finish, states, people, project } = await openLabelled(5);
    await finish((await retrain()).id, 0.6, 0.7);
    const { id } = await retrain();
    await models.use(people.olga, project, 0, "back");
    await finish(id, 0.7, 0.9, "b");
    expect(await states()).toEqual(["0 current", "1 former", "2 candidate"]);
  });

  it("are taken although they are not better where that was asked for, with the reason", async () => {
    const { models, finish, people, project } = await openLabelled(5);
    const { id } = await models.retrain(people.olga, project, { training: {}, force: "New camera." });
    expect(await finish(id, 0.7, 0.6)).toMatchObject({ state: "current", reason: "New camera." });
  });

  it("are trained by themselves every so many accepted masks", async () => {
    const { models, labelMore, addTask, finish, project } = await openLabelled(2, { retrainEvery: 3 });
    expect(await models.list(project)).toEqual([]);
    await labelMore(1);
    const [version] = await models.list(project);
    expect(version).toMatchObject({ number: 1, state: "training", data: { training: { masks: 2 } } });
    await addTask(7, { name: "more", imagesPerJob: 1 });
    await labelMore(3); // one is being trained: not yet
    expect(await models.list(project)).toHaveLength(1);
    await finish(version!.id, 0.6, 0.7);
    await labelMore(1);
    const next = (await models.list(project)).at(-1)!;
    expect(next.number).toBe(2);
    expect(next.data.training.masks + next.data.validation.masks).toBeGreaterThanOrEqual(6);
  });

  it("can't both be the current one, though two people choose at the same moment", async () => {
    const { models, retrain, finish, states, people, project } = await openLabelled(5);
    await finish((await retrain()).id, 0.6, 0.5);
    await finish((await retrain()).id, 0.6, 0.5, "b");
    await Promise.all([1, 2].map((number) => models.use(people.olga, project, number, "mine")));
    expect((await states()).filter((state) => state.endsWith("current"))).toHaveLength(1);
  });
});
