import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Rle, rleArea, rleIou, rleToBoxXywh } from "@segany/masks";
import { expect, it } from "vitest";
import { createWorkplace, finish } from "./run-segany.js";

const workplace = createWorkplace();
const at = (...parts: string[]) => join(workplace.path, ...parts);
const json = (...parts: string[]) => JSON.parse(readFileSync(at(...parts), "utf8"));

/** The COCO file in a folder of the command's. */
function written(folder: string) {
  const names = readdirSync(at(folder), { recursive: true, encoding: "utf8" });
  const [name, ...others] = names.filter((each) => each.endsWith(".json") && !each.startsWith(".segany"));
  expect(others).toEqual([]);
  return name === undefined ? undefined : json(folder, name);
}

/** Around the mug and around the lamp of the still life. */
const boxes = [
  [120, 330, 330, 330],
  [520, 300, 260, 330],
] as const;

/** A COCO set of boxes on the still life under several names. */
function writeSet(names: readonly string[], more: readonly object[] = []): void {
  mkdirSync(at("set", "images"), { recursive: true });
  const images = names.map((name, i) => ({ id: i + 1, file_name: `${name}.jpg`, width: 1200, height: 800 }));
  for (const name of names) copyFileSync(at("photo.jpg"), at("set", "images", `${name}.jpg`));
  const annotations = images.flatMap(({ id }) =>
    boxes.map(([x, ...rest], i) => ({
      id: 10 * id + i,
      image_id: id,
      category_id: i + 1,
      bbox: [x + id - 1, ...rest],
    })),
  );
  const categories = ["mug", "lamp"].map((name, i) => ({ id: i + 1, name }));
  const file = { images, annotations: [...annotations, ...more], categories };
  writeFileSync(at("set", "annotations.json"), JSON.stringify(file));
}

interface WrittenAnnotation {
  readonly id: number;
  readonly segmentation: Rle;
  readonly bbox: readonly number[];
  readonly area: number;
  readonly category_id: number;
  readonly predicted_iou: number;
}

it("makes the masks that predict makes of the same boxes, with tight boxes and scores", async () => {
  const outside = { id: 90, image_id: 1, category_id: 1, bbox: [1300, 5, 9, 9] };
  const drawn = { id: 91, image_id: 1, category_id: 2, segmentation: [[5, 8, 15, 8, 15, 12, 5, 12]] };
  writeSet(["a"], [outside, drawn]);
  const args = ["dataset", "masks-from-boxes", "set", "masks", "--json"];
  const { status, stdout } = await workplace.run(...args);
  expect(status).toBe(0);
  const report = JSON.parse(stdout);
  expect(report).toMatchObject({ format: "coco", images: 1, annotations: 3, imageFiles: 1, losses: [] });
  expect(report.boxes).toMatchObject({ masks: 2, masksBefore: 1, impossibleBoxes: 1, imagesFromJournal: 0 });
  expect(report.setAside).toEqual([expect.stringContaining("annotation 90: the box [1300, 5, 9, 9]")]);
  expect(readdirSync(at("masks")).filter((name) => name.startsWith("."))).toEqual([]);

  const made: WrittenAnnotation[] = written("masks").annotations;
  expect(made.map(({ id }) => id)).toEqual([10, 11, 91]);
  expect(made[2]).toMatchObject({ segmentation: drawn.segmentation, area: 40 });
  const prompts = boxes.map(([x, y, width, height]) => ({ box: [x, y, x + width, y + height] }));
  writeFileSync(at("prompts.json"), JSON.stringify(prompts));
  await workplace.run("predict", "photo.jpg", "--prompts", "prompts.json", "--single-mask", "--no-picture");
  const predicted: WrittenAnnotation[] = json("outputs", "photo.predict.json").masks;
  expect(predicted).toHaveLength(2);
  for (const [i, mask] of predicted.entries()) {
    const { segmentation, bbox, area, category_id, predicted_iou } = made[i]!;
    expect(rleIou([segmentation], [mask.segmentation])[0]).toBe(1);
    expect({ bbox, area }).toEqual({ bbox: rleToBoxXywh(segmentation), area: rleArea(segmentation) });
    expect(category_id).toBe(i + 1);
    expect(predicted_iou).toBeCloseTo(mask.predicted_iou, 6);
  }
});

it("goes on after kill -9 where it was stopped, with the same result", async () => {
  const names = ["a", "b", "c", "d", "e", "f"];
  writeSet(names);
  const args = ["dataset", "masks-from-boxes", "set", "masks", "--json"];
  const child = workplace.start(...args);
  const ended = finish(child);
  const isFirstDone = () =>
    readdirSync(at("masks", ".segany-boxes")).some((name) => /^[0-9a-f]+\.json$/.test(name));
  await expect.poll(isFirstDone).toBe(true);
  child.kill("SIGKILL");
  await ended;
  expect(written("masks")).toBeUndefined();

  const refused = await workplace.run(...args);
  expect([refused.status, refused.stderr]).toEqual([1, expect.stringContaining("[output-exists]")]);
  const resumed = await workplace.run(...args, "--resume");
  expect(resumed.status).toBe(0);
  const { boxes: counts } = JSON.parse(resumed.stdout);
  expect(counts.masks).toBe(2 * names.length);
  expect(counts.imagesFromJournal).toBeGreaterThan(0);
  expect(counts.imagesFromJournal).toBeLessThan(names.length);
  expect(readdirSync(at("masks")).filter((name) => name.startsWith("."))).toEqual([]);

  await workplace.run("dataset", "masks-from-boxes", "set", "whole");
  expect(written("masks")).toEqual(written("whole"));
});

it("leaves and names the boxes of images that are not there, with status 1", async () => {
  writeSet(["a"]);
  const { annotations, images, categories } = json("set", "annotations.json");
  const image = { id: 2, file_name: "lost.jpg", width: 1200, height: 800 };
  const box = { id: 20, image_id: 2, category_id: 1, bbox: [5, 5, 9, 9] };
  const file = { images: [...images, image], annotations: [...annotations, box], categories };
  writeFileSync(at("set", "annotations.json"), JSON.stringify(file));
  const { status, stderr } = await workplace.run("dataset", "masks-from-boxes", "set", "masks");
  expect(status).toBe(1);
  expect(stderr).toContain('missing: 1 image file, "lost.jpg"');
  expect(stderr).toContain("  2 masks made of boxes\n  1 boxes of images that can't be read stay boxes\n");
  expect(stderr).toContain('  skipped: The image "lost.jpg" has no file, so its boxes get no masks');
  const made: WrittenAnnotation[] = written("masks").annotations;
  expect(made.find(({ id }) => id === 20)).toMatchObject({ segmentation: [], bbox: [5, 5, 9, 9] });
});
