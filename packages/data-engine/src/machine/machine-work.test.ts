import { datasetFromRecords } from "@segany/dataset";
import { rleArea, rleToBoxXywh } from "@segany/masks";
import { expect, it } from "vitest";
import { onBothDatabases } from "../testing/on-both-databases.js";
import { boxMask, madeImages, openTeam, putChange, SIZE } from "../testing/team.js";
import { runItem, type WorkHandler } from "../work-items/run-item.js";
import type { WorkItem } from "../work-items/work-item.js";
import { createImportWork } from "./import-work.js";
import { createSegmentWork, type FindMasks } from "./segment-work.js";

const LEASE_MS = 30_000;
const MODEL = { name: "small", hash: "a".repeat(64) };

const found = (...masks: ReturnType<typeof boxMask>[]) => ({
  model: MODEL,
  masks: masks.map((mask) => ({
    ...{ mask, scores: { predictedIou: 0.9, stabilityScore: 0.95 } },
    ...{ pointCoords: [[1, 1]], cropBoxXywh: [0, 0, SIZE.width, SIZE.height] },
  })),
});

const COMMON = boxMask(20, 20, 5, 5);

/** A mask that only this image has, and one that all have. */
const findTwo: FindMasks = async (image) => found(boxMask(Number(image), 0, 2, 2), COMMON);

onBothDatabases("work that people ask the machine for", (open) => {
  async function openMachine() {
    const team = await openTeam(open);
    const { engine, clock } = team;
    const { workQueue } = engine;
    const claim = async ({ id, kind }: WorkItem, worker = "one") =>
      (await workQueue.claim({ worker, kinds: [kind], item: id, leaseMs: LEASE_MS }))!;
    const run = async (handler: WorkHandler, item: WorkItem) => {
      const events: string[] = [];
      await runItem(workQueue, handler, item, {
        ...{ leaseMs: LEASE_MS, heartbeatMs: LEASE_MS, stop: new AbortController().signal },
        report: ({ type }) => events.push(type),
      });
      return events.at(-1);
    };
    const expire = () => {
      clock.now += LEASE_MS;
    };
    const areas = async (task: string) => {
      const rows = await team.db
        .selectFrom("annotation")
        .innerJoin("job", "job.id", "annotation.job_id")
        .select(["annotation.image_id", "annotation.area"])
        .where("job.task_id", "=", task)
        .where("annotation.deleted_at", "is", null)
        .orderBy("annotation.image_id")
        .orderBy("annotation.area")
        .execute();
      return rows.map(({ image_id, area }) => `${Number(image_id)}: ${area}`);
    };
    return { ...team, workQueue, claim, run, expire, areas };
  }

  const segment = (task: string) => ({ task, className: "pear", settings: { pointsPerSide: 8 } });

  it("finds masks on the images that nobody has labelled or works on", async () => {
    const { engine, people, addTask, claim, run, label, project, areas, ...team } = await openMachine();
    const task = await addTask(4, { imagesPerJob: 2 });
    await label((await engine.queue.next(people.anna, project))!, boxMask(3, 3, 9, 9));
    const busy = (await engine.queue.next(people.anna, project))!;
    const item = await engine.machineWork.segment(people.olga, segment(task.id));
    const handler = createSegmentWork(team, async (image, ...rest) =>
      Number(image) === 3 ? undefined : findTwo(image, ...rest),
    );
    expect(await run(handler, await claim(item))).toBe("done");
    const sums = { done: 3, total: 3, masks: 2, busy: 1, unreadable: 1 };
    expect((await team.workQueue.get(item.id)).result).toEqual(sums);
    expect(await areas(task.id)).toEqual(["0: 81", "2: 4", "2: 25"]);
    const [job] = (await engine.jobs.list(project)).slice(1);
    const [mask] = await engine.annotations.list(job!.id, madeImages(3)[2]!.id);
    expect(mask).toMatchObject({ source: "automatic", className: "pear" });
    const [{ provenance }] = (await engine.annotations.history(mask!.id)) as never as [
      { provenance: object },
    ];
    expect(provenance).toMatchObject({ model: MODEL, thresholds: { pointsPerSide: 8 } });
    expect(busy.image).toBe(madeImages(2)[1]!.id);
  });

  it("adds nothing that is there, or that somebody has deleted, when it is done again", async () => {
    const { engine, people, addTask, claim, run, project, areas, ...team } = await openMachine();
    const task = await addTask(1);
    const handler = createSegmentWork(team, findTwo);
    const first = await engine.machineWork.segment(people.olga, segment(task.id));
    await run(handler, await claim(first));
    const lock = (await engine.queue.next(people.anna, project))!;
    const masks = await engine.annotations.list(lock.job, lock.image);
    const common = masks.find(({ area }) => area === rleArea(COMMON))!;
    await engine.annotations.save(lock, [
      { ...putChange(COMMON, { annotation: common.id, base: 1 }), kind: "delete" } as never,
    ]);
    await engine.locks.release(lock);
    const again = await engine.machineWork.segment(people.olga, segment(task.id));
    expect(await run(handler, await claim(again))).toBe("done");
    expect((await team.workQueue.get(again.id)).result).toMatchObject({ done: 1, masks: 0, busy: 0 });
    expect(await areas(task.id)).toEqual(["0: 4"]);
  });

  it("goes on at the image where an attempt stopped, and a late attempt writes nothing", async () => {
    const { engine, people, addTask, claim, run, expire, areas, ...team } = await openMachine();
    const task = await addTask(3);
    const { id } = await engine.machineWork.segment(people.olga, segment(task.id));
    const seen: number[] = [];
    let resume: () => void = () => undefined;
    const paused = new Promise<void>((resolve) => {
      resume = resolve;
    });
    const pausing: FindMasks = async (image, ...rest) => {
      seen.push(Number(image));
      if (Number(image) === 1 && seen.length === 2) await paused;
      return findTwo(image, ...rest);
    };
    const handler = createSegmentWork(team, pausing);
    const late = run(handler, await claim(await team.workQueue.get(id)));
    await expect.poll(() => seen).toEqual([0, 1]);
    expire();
    const second = await claim(await team.workQueue.get(id), "two");
    expect(second).toMatchObject({ attempt: 2, progress: { done: 1, total: 3, masks: 2 } });
    expect(await run(handler, second)).toBe("done");
    resume();
    expect(await late).toBe("lease-lost");
    expect(seen).toEqual([0, 1, 1, 2]);
    expect((await team.workQueue.get(id)).result).toMatchObject({ done: 3, masks: 6 });
    expect(await areas(task.id)).toEqual([0, 1, 2].flatMap((i) => [`${i}: 4`, `${i}: 25`]));
  });

  it("shows a task of an imported set when all of it is there, each mask once", async () => {
    const { engine, people, claim, run, expire, project, areas, ...team } = await openMachine();
    const made = madeImages(3);
    const mask = boxMask(3, 4, 5, 6);
    const one = { id: 1, segmentation: mask, bboxXywh: rleToBoxXywh(mask), area: 30, isCrowd: false };
    const dataset = datasetFromRecords(
      made.map(({ name }, i) => ({
        image: { id: i + 1, fileName: name, ...SIZE },
        annotations: [one, { ...one, id: 2, segmentation: COMMON, area: 25, categoryId: 7 }],
      })),
      { name: "old work", categories: [{ id: 7, name: "plum" }] },
    );
    let stopsAt = 1;
    const stored: string[] = [];
    const handler = createImportWork(team, (_, __, use) =>
      use({
        dataset: {
          ...dataset,
          async *records(options) {
            let i = 0;
            const isMasks = stored.length >= made.length;
            for await (const record of dataset.records(options)) {
              if (isMasks && i++ === stopsAt) throw new Error("the disk is gone");
              yield record;
            }
          },
        },
        async addImage({ fileName }) {
          stored.push(fileName);
          return made.find(({ name }) => name === fileName);
        },
      }),
    );
    const work = { project, person: people.olga, file: "imports/x.zip", task: "old", accepted: true };
    const { id } = await engine.machineWork.import(work);
    expect(await run(handler, await claim(await team.workQueue.get(id)))).toBe("failed");
    expect(await engine.tasks.list(project)).toEqual([]);
    expect(await engine.queue.next(people.anna, project)).toBeUndefined();
    expire();
    stopsAt = Number.POSITIVE_INFINITY;
    const second = await claim(await team.workQueue.get(id));
    expect(second.progress).toMatchObject({ what: "masks", done: 1, total: 3, masks: 2 });
    expect(await run(handler, second)).toBe("done");
    const [task] = await engine.tasks.list(project);
    expect(task).toMatchObject({ name: "old" });
    const { result } = await team.workQueue.get(id);
    expect(result).toEqual({ task: task!.id, images: 3, masks: 6, boxes: 0, leftOut: [] });
    expect(stored).toHaveLength(3); // the files were not stored again
    expect(await areas(task!.id)).toEqual([0, 1, 2].flatMap((i) => [`${i}: 25`, `${i}: 30`]));
    expect((await engine.jobs.list(project)).map(({ stage }) => stage)).toEqual(["acceptance"]);
  });

  it("is refused where it can't be done", async () => {
    const { engine, people, addTask, project } = await openMachine();
    const { id } = await addTask(1);
    const { machineWork } = engine;
    const refusals = [
      [() => machineWork.segment(people.olga, { ...segment(id), className: "melon" }), "invalid"],
      [() => machineWork.segment(people.olga, segment(project)), "not-found"],
      [
        () => machineWork.export(people.olga, { project, format: "xyz", state: "accepted", images: true }),
        "invalid",
      ],
      [() => machineWork.import({ project, person: people.olga, file: "x", task: " " }), "invalid"],
    ] as const;
    for (const [refused, code] of refusals) await expect(refused()).rejects.toMatchObject({ code });
    expect((await engine.workQueue.counts()).map(({ kind }) => kind)).toEqual(["embed-task"]);
  });
});
