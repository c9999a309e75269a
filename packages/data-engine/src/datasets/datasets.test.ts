import { datasetFromRecords } from "@segany/dataset";
import { rleArea, rleToBoxXywh } from "@segany/masks";
import { expect, it } from "vitest";
import { onBothDatabases } from "../testing/on-both-databases.js";
import { boxMask, madeImages, openTeam, SIZE } from "../testing/team.js";
import { importDataset } from "./import-dataset.js";
import { type ExportState, projectDataset } from "./project-dataset.js";

onBothDatabases("data sets", (open) => {
  it("are exported by state: accepted, labelled, or all", async () => {
    const team = await openTeam(open);
    const { engine, project, people, label } = team;
    await team.addTask(3, { imagesPerJob: 1 });
    await label((await engine.queue.next(people.anna, project))!, boxMask(0, 0, 4, 5), boxMask(9, 9, 3, 3));
    await label((await engine.queue.next(people.anna, project))!, boxMask(0, 0, 2, 2));
    const review = (await engine.queue.nextReview(people.ben, project))!;
    await engine.transitions.accept(people.ben, review.id);
    const counts = async (state: ExportState) => {
      const read: [string, number[]][] = [];
      for await (const { image, annotations } of (await projectDataset(team, project, { state })).records())
        read.push([image.fileName, annotations.map(({ area }) => area).sort()]);
      return read;
    };
    expect(await counts("accepted")).toEqual([["0000.jpg", [20, 9]]]);
    expect(await counts("labelled")).toEqual([
      ["0000.jpg", [20, 9]],
      ["0001.jpg", [4]],
    ]);
    expect((await counts("all")).map(([name]) => name)).toEqual(["0000.jpg", "0001.jpg", "0002.jpg"]);
  });

  it("are exported whole beyond a page, each image once", async () => {
    const team = await openTeam(open);
    await team.addTask(450, { imagesPerJob: 100 });
    await team.addTask(10);
    // Images that have other names in other tasks are there once, by the first of their names.
    const [first, second] = madeImages(2);
    await team.addTask(1, { images: [{ ...first!, name: "00.jpg" }] });
    await team.addTask(1, { images: [{ ...second!, name: "9999.jpg" }] });
    const names: string[] = [];
    const dataset = await projectDataset(team, team.project, { state: "all" });
    for await (const { image } of dataset.records()) names.push(image.fileName);
    expect(names).toEqual(["00.jpg", ...madeImages(450).map(({ name }) => name)].toSpliced(1, 1));
    expect(dataset.categories).toEqual([
      { id: 1, name: "pear" },
      { id: 2, name: "apple" },
    ]);
  });

  it("are imported with their masks and classes, and exported as they were", async () => {
    const team = await openTeam(open);
    const { project, people, engine } = team;
    const made = madeImages(3);
    const mask = boxMask(3, 4, 5, 6);
    const annotation = { id: 1, bboxXywh: rleToBoxXywh(mask), area: rleArea(mask), isCrowd: false };
    const dataset = datasetFromRecords(
      made.map(({ name }, i) => ({
        image: { id: i + 1, fileName: name, ...SIZE },
        annotations: i === 0 ? [{ ...annotation, segmentation: mask, categoryId: 7 }, annotation] : [],
      })),
      { name: "old work", categories: [{ id: 7, name: "plum" }] },
    );
    const report = await importDataset(team, people.olga, dataset, {
      ...{ project, task: "old", accepted: true },
      addImage: async ({ fileName }) => made.find(({ name }) => name === fileName && name !== "0002.jpg"),
    });
    expect(report).toMatchObject({ images: 2, masks: 1, boxes: 1, leftOut: ["0002.jpg"] });
    expect((await engine.projects.get(project)).classes.map(({ name }) => name)).toEqual([
      "pear",
      "apple",
      "plum",
    ]);
    const records = [];
    for await (const record of (await projectDataset(team, project)).records()) records.push(record);
    expect(records.map(({ image, annotations }) => [image.fileName, annotations])).toMatchObject([
      ["0000.jpg", [{ segmentation: mask, area: 30, categoryId: 3, bboxXywh: [3, 4, 5, 6] }]],
      ["0001.jpg", []],
    ]);
    expect(await engine.queue.next(people.anna, project)).toBeUndefined();
  });
});
