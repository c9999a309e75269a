import { expect, it } from "vitest";
import { onBothDatabases } from "../testing/on-both-databases.js";
import { boxMask, openTeam, putChange } from "../testing/team.js";

onBothDatabases("the queue", (open) => {
  it("gives each person images of a job of their own, in order", async () => {
    const { engine, project, people, addTask, label } = await openTeam(open);
    await addTask(4, { imagesPerJob: 2 });
    const annas = (await engine.queue.next(people.anna, project))!;
    const bens = (await engine.queue.next(people.ben, project))!;
    expect(annas.job).not.toBe(bens.job);
    expect([annas.image, bens.image].map((id) => Number(id))).toEqual([0, 2]);
    expect(await engine.queue.next(people.cleo, project)).toBeUndefined();
    await label(annas, boxMask(0, 0, 5, 5));
    const second = (await engine.queue.next(people.anna, project))!;
    expect([second.job, Number(second.image)]).toEqual([annas.job, 1]);
  });

  it("never gives one image to two, however many ask at once", async () => {
    const { engine, project, people, addTask } = await openTeam(open);
    await addTask(3, { imagesPerJob: 1 });
    const asked = [people.anna, people.ben, people.cleo, people.olga];
    const locks = await Promise.all(asked.map((person) => engine.queue.next(person, project)));
    const images = locks.flatMap((lock) => (lock ? [Number(lock.image)] : []));
    expect(images.sort()).toEqual([0, 1, 2]);
  });

  it("gives a job that was pulled and left to another, and the late one is told", async () => {
    const { engine, project, people, addTask, clock } = await openTeam(open, {
      settings: { lockMs: 60_000 },
    });
    await addTask(1);
    const annas = (await engine.queue.next(people.anna, project))!;
    clock.now += 59_999;
    expect(await engine.queue.next(people.ben, project)).toBeUndefined();
    expect((await engine.locks.heartbeat(annas)).expiresAt).toBe(clock.now + 60_000);
    clock.now += 60_000;
    const bens = (await engine.queue.next(people.ben, project))!;
    expect([bens.job, bens.image]).toEqual([annas.job, annas.image]);
    const late = engine.locks.heartbeat(annas);
    await expect(late).rejects.toMatchObject({
      code: "lock-lost",
      message: expect.stringContaining("ben works"),
    });
    await expect(engine.locks.done(annas)).rejects.toMatchObject({ code: "lock-lost" });
  });

  it("keeps a job with labelled images for its annotator, also after the lock expired", async () => {
    const { engine, project, people, addTask, label, clock } = await openTeam(open);
    await addTask(2);
    await label((await engine.queue.next(people.anna, project))!, boxMask(0, 0, 5, 5));
    const second = (await engine.queue.next(people.anna, project))!;
    clock.now += 3_600_000;
    expect(await engine.queue.next(people.ben, project)).toBeUndefined();
    await engine.annotations.save(second, []); // nobody took it
    await label(second);
  });

  it("leaves skipped images out, with the reason", async () => {
    const { engine, project, people, addTask } = await openTeam(open);
    await addTask(2);
    const first = (await engine.queue.next(people.anna, project))!;
    await expect(engine.locks.skip(first, " ").catch((error) => Promise.reject(error))).rejects.toMatchObject(
      {
        code: "invalid",
      },
    );
    await engine.locks.skip(first, "blurred");
    const images = await engine.jobs.images(first.job);
    expect(images.map(({ state, skipReason }) => [state, skipReason])).toEqual([
      ["skipped", "blurred"],
      ["open", null],
    ]);
    expect(Number((await engine.queue.next(people.anna, project))!.image)).toBe(1);
  });

  it("takes the end of an image again from a client that got no answer, and nothing else", async () => {
    const { engine, project, people, addTask } = await openTeam(open);
    await addTask(2);
    const lock = (await engine.queue.next(people.anna, project))!;
    const done = await engine.locks.done(lock);
    expect(await engine.locks.done(lock)).toEqual(done);
    await expect(engine.locks.skip(lock, "blurred")).rejects.toMatchObject({ code: "lock-lost" });
    await expect(engine.locks.heartbeat(lock)).rejects.toMatchObject({ code: "lock-lost" });
    const second = (await engine.queue.next(people.anna, project))!;
    await engine.locks.skip(second, "blurred");
    expect(await engine.locks.skip(second, "dark")).toMatchObject({
      state: "skipped",
      skipReason: "blurred",
    });
    const again = await engine.locks.take(people.anna, lock.job, lock.image);
    await expect(engine.locks.done(lock)).rejects.toMatchObject({ code: "lock-lost" });
    expect(await engine.locks.done(again)).toMatchObject({ state: "done" });
  });

  it("gives an image back that was released", async () => {
    const { engine, project, people, addTask } = await openTeam(open);
    const task = await addTask(1);
    const lock = (await engine.queue.next(people.anna, project))!;
    const [job] = await engine.jobs.list(project, { task: task.id });
    await engine.jobs.assign(people.olga, job!.id, people.ben);
    await expect(engine.locks.take(people.ben, job!.id, lock.image)).rejects.toMatchObject({
      code: "lock-lost",
    });
    await engine.locks.release(lock);
    expect((await engine.locks.take(people.ben, job!.id, lock.image)).number).toBe(lock.number + 1);
    await expect(engine.locks.take(people.anna, job!.id, lock.image)).rejects.toMatchObject({
      code: "forbidden",
    });
  });

  it("shows nothing of a deleted task, and all of it again when it is restored", async () => {
    const { engine, project, people, addTask } = await openTeam(open);
    const task = await addTask(1);
    await engine.tasks.delete(people.olga, task.id);
    expect(await engine.queue.next(people.anna, project)).toBeUndefined();
    expect(await engine.tasks.list(project)).toEqual([]);
    await engine.tasks.restore(people.olga, task.id);
    expect(await engine.queue.next(people.anna, project)).toBeDefined();
  });

  it("divides a task's images among its jobs", async () => {
    const { engine, project, addTask } = await openTeam(open);
    const sizes = async (images: number, more: object) => {
      const task = await addTask(images, more);
      const jobs = await engine.jobs.list(project, { task: task.id });
      return Promise.all(jobs.map(async ({ id }) => (await engine.jobs.images(id)).length));
    };
    expect(await sizes(5, {})).toEqual([5]);
    expect(await sizes(5, { imagesPerJob: 2 })).toEqual([2, 2, 1]);
    expect(await sizes(9, { jobs: 6 })).toEqual([1, 2, 1, 2, 1, 2]);
    expect(await sizes(5, { jobs: 2, purpose: "training" })).toEqual([5]);
    await expect(sizes(5, { jobs: 6 })).rejects.toMatchObject({ code: "invalid" });
    await expect(sizes(5, { jobs: 2, imagesPerJob: 2 })).rejects.toMatchObject({ code: "invalid" });
  });

  it("distributes jobs by share", async () => {
    const { engine, people, addTask } = await openTeam(open);
    const task = await addTask(6, { imagesPerJob: 1 });
    const shares = { [people.anna]: 2, [people.ben]: 1 };
    expect(await engine.jobs.distribute(people.olga, task.id, shares)).toEqual({
      [people.anna]: 4,
      [people.ben]: 2,
    });
    const none = engine.jobs.distribute(people.olga, task.id, { [people.anna]: 0 });
    await expect(none).rejects.toMatchObject({ code: "invalid" });
    const stranger = engine.jobs.distribute(people.olga, task.id, { nobody: 1 });
    await expect(stranger).rejects.toMatchObject({ code: "invalid" });
  });

  it("lets newcomers pass a training task first", async () => {
    const { engine, project, people, addTask, label } = await openTeam(open, {
      settings: { trainingAccuracy: 0.8 },
    });
    const training = await addTask(2, { purpose: "training" });
    await addTask(1);
    const [truth] = await engine.jobs.list(project, { task: training.id });
    await engine.jobs.assign(people.olga, truth!.id, people.olga);
    for (const { image } of await engine.jobs.images(truth!.id))
      await label(await engine.locks.take(people.olga, truth!.id, image), boxMask(0, 0, 10, 10));
    await engine.jobs.assign(people.olga, truth!.id, people.cleo);
    await engine.transitions.accept(people.cleo, truth!.id);

    const good = boxMask(0, 0, 10, 9);
    const first = (await engine.queue.next(people.anna, project))!;
    expect((await engine.jobs.get(first.job)).task).toBe(training.id);
    await label(first, good);
    const failed = await label((await engine.queue.next(people.anna, project))!, boxMask(20, 20, 5, 5));
    expect([failed.stage, failed.state, failed.assignee]).toEqual(["annotation", "rejected", people.anna]);
    const [issue] = await engine.issues.list(failed.id);
    // One pair with IoU .9, one missing, one extra: .9 / 2.
    expect(issue!.comments[0]!.text).toContain("0.45 of the 0.80");

    await label((await engine.queue.next(people.anna, project))!); // this one was right
    const again = (await engine.queue.next(people.anna, project))!;
    const wrong = (await engine.annotations.list(again.job, again.image))[0]!;
    const { id: annotation, revision: base } = wrong;
    await engine.annotations.save(again, [putChange(good, { annotation, base })]);
    await label(again);
    expect((await engine.jobs.get(failed.id)).stage).toBe("acceptance");
    const production = (await engine.queue.next(people.anna, project))!;
    expect((await engine.jobs.get(production.job)).task).not.toBe(training.id);
  });
});
