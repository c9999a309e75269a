import { expect, it } from "vitest";
import { onBothDatabases } from "../testing/on-both-databases.js";
import { boxMask, openTeam, putChange } from "../testing/team.js";

onBothDatabases("review", (open) => {
  async function openReview(images = 2) {
    const team = await openTeam(open);
    await team.addTask(images);
    const { queue } = team.engine;
    for (let i = 0; i < images; i++)
      await team.label((await queue.next(team.people.anna, team.project))!, boxMask(0, 0, 4, 5));
    const job = (await queue.nextReview(team.people.ben, team.project))!;
    return { ...team, ...team.engine, job };
  }

  it("goes from the annotator to a reviewer who did not label, and to acceptance", async () => {
    const { job, people, queue, project, transitions } = await openReview();
    expect(job).toMatchObject({ stage: "validation", state: "in progress", assignee: people.ben });
    expect(await queue.nextReview(people.ben, project)).toEqual(job);
    expect(await queue.nextReview(people.cleo, project)).toBeUndefined();
    await expect(transitions.accept(people.anna, job.id)).rejects.toMatchObject({ code: "forbidden" });
    const accepted = await transitions.accept(people.ben, job.id);
    expect(accepted).toMatchObject({ stage: "acceptance", state: "completed", annotator: people.anna });
    await expect(transitions.accept(people.ben, job.id)).rejects.toMatchObject({ code: "conflict" });
  });

  it("is not offered to the person who labelled", async () => {
    const { queue, people, project, addTask, engine, label } = await openTeam(open).then((team) => ({
      ...team,
      ...team.engine,
    }));
    await addTask(1);
    await label((await engine.queue.next(people.anna, project))!, boxMask(0, 0, 4, 5));
    expect(await queue.nextReview(people.anna, project)).toBeUndefined();
  });

  it("sends a job back to its annotator with the issues, and again to the same reviewer", async () => {
    const { job, people, queue, project, transitions, issues, locks, annotations, label } =
      await openReview();
    const [first, second] = ["0", "1"].map((id) => id.padStart(64, "0")) as [string, string];
    const issue = await issues.create(people.ben, {
      job: job.id,
      image: second,
      point: [3, 4],
      text: "Too small",
    });
    const rejected = await transitions.reject(people.ben, job.id, "");
    expect(rejected).toMatchObject({ stage: "annotation", state: "rejected", assignee: people.anna });
    expect(await queue.next(people.cleo, project)).toBeUndefined();
    const lock = (await queue.next(people.anna, project))!;
    expect([lock.job, lock.image]).toEqual([job.id, second]);
    expect(await issues.list(job.id)).toMatchObject([
      {
        id: issue.id,
        point: [3, 4],
        resolvedAt: null,
        comments: [{ author: people.ben, text: "Too small" }],
      },
    ]);
    await issues.comment(people.anna, issue.id, "Larger now");
    await issues.resolve(people.anna, issue.id);
    const [old] = await annotations.list(job.id, second);
    await annotations.save(lock, [putChange(boxMask(0, 0, 8, 8), { annotation: old!.id, base: 1 })]);
    const again = await label(lock);
    expect(again).toMatchObject({ stage: "validation", state: "new", assignee: people.ben });
    expect(await queue.nextReview(people.cleo, project)).toBeUndefined();
    expect((await queue.nextReview(people.ben, project))!.id).toBe(job.id);
    // Fix and accept: the reviewer changes a mask.
    const fix = await locks.take(people.ben, job.id, first);
    const [mask] = await annotations.list(job.id, first);
    await annotations.save(fix, [putChange(boxMask(0, 0, 5, 5), { annotation: mask!.id, base: 1 })]);
    await transitions.accept(people.ben, job.id);
    const history = await annotations.history(mask!.id);
    expect(history.map(({ author, stage }) => [author, stage])).toEqual([
      [people.anna, "annotation"],
      [people.ben, "validation"],
    ]);
  });

  it("needs a reason to reject, and opens all images if no issue names one", async () => {
    const { job, people, transitions, jobs, issues } = await openReview();
    await expect(transitions.reject(people.ben, job.id, " ")).rejects.toMatchObject({ code: "invalid" });
    await transitions.reject(people.ben, job.id, "All too loose");
    expect((await jobs.images(job.id)).map(({ state }) => state)).toEqual(["open", "open"]);
    expect((await issues.list(job.id))[0]!.comments[0]!.text).toBe("All too loose");
  });

  it("can't be handed on with open images", async () => {
    const { engine, people, addTask, project } = await openTeam(open);
    await addTask(2);
    const { job } = (await engine.queue.next(people.anna, project))!;
    await expect(engine.transitions.complete(people.anna, job)).rejects.toMatchObject({
      code: "conflict",
      message: expect.stringContaining("2 of the job's images"),
    });
  });

  it("refuses an issue outside the image, without a text, or on another image", async () => {
    const { job, people, issues } = await openReview(1);
    const image = "0".padStart(64, "0");
    const made = (more: object) =>
      issues.create(people.ben, { job: job.id, image, point: [1, 1], text: "a", ...more });
    await expect(made({ point: [41, 1] })).rejects.toMatchObject({ code: "invalid" });
    await expect(made({ point: [Number.NaN, 1] })).rejects.toMatchObject({ code: "invalid" });
    await expect(made({ text: " " })).rejects.toMatchObject({ code: "invalid" });
    await expect(made({ image: "f".repeat(64) })).rejects.toMatchObject({ code: "not-found" });
  });
});

onBothDatabases("consensus", (open) => {
  it("merges what most replicas labelled, and asks where they disagree", async () => {
    const { engine, people, addTask, label, project } = await openTeam(open);
    await addTask(1, { replicas: 3 });
    const locks = [];
    for (const person of [people.anna, people.ben, people.cleo])
      locks.push((await engine.queue.next(person, project))!);
    expect(new Set(locks.map(({ job }) => job)).size).toBe(3);
    const again = (await engine.queue.next(people.anna, project))!;
    expect(again.job).toBe(locks[0]!.job);
    expect(await engine.queue.next(people.olga, project)).toBeUndefined();
    await label(again, boxMask(0, 0, 10, 10), boxMask(20, 0, 6, 6));
    await label(locks[1]!, boxMask(0, 0, 10, 8), boxMask(20, 0, 6, 6), boxMask(30, 20, 4, 4));
    const replica = await label(locks[2]!, boxMask(2, 0, 8, 10));
    const parent = await engine.jobs.get(replica.parent!);
    expect(parent).toMatchObject({ type: "annotation", stage: "validation", state: "new" });
    const image = locks[0]!.image;
    const merged = (await engine.annotations.list(parent.id, image)).toSorted((a, b) => b.area - a.area);
    // In at least two of 0-10 x 0-10, 0-10 x 0-8 and 2-10 x 0-10: 0-2 x 0-8 and 2-10 x 0-10.
    expect(merged.map(({ area, source, className }) => [area, source, className])).toEqual([
      [2 * 8 + 8 * 10, "merged", "pear"],
      [36, "merged", "pear"],
    ]);
    const issues = await engine.issues.list(parent.id);
    const questions = issues.map(({ annotation, comments }) => [comments[0]!.text, annotation]).sort();
    expect(questions).toEqual([
      ["1 of 3 labelled this. Is it an object?", null],
      ["2 of 3 labelled this. Is it an object?", merged[1]!.id],
    ]);
    expect((await engine.queue.nextReview(people.olga, project))!.id).toBe(parent.id);
  });
});
