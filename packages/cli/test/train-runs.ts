/** For tests of `segany train`: a data set, and what a run has done. */
import type { ChildProcess } from "node:child_process";
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { finish } from "./run-segany.js";

/** Writes a COCO set `set` into a workplace: the still life twice, with the boxes of two objects as masks. */
export function writeSet(workplace: string): void {
  const images = join(workplace, "set", "images");
  mkdirSync(images, { recursive: true });
  const records = [1, 2].map((id) => ({ id, file_name: `${id}.jpg`, width: 1200, height: 800 }));
  for (const { file_name } of records) copyFileSync(join(workplace, "photo.jpg"), join(images, file_name));
  const outlines = [
    [120, 330, 450, 330, 450, 660, 120, 660],
    [520, 300, 780, 300, 780, 630, 520, 630],
  ];
  const annotations = records.flatMap(({ id }) =>
    outlines.map((outline, i) => ({
      id: 10 * id + i,
      image_id: id,
      category_id: 1,
      segmentation: [outline],
    })),
  );
  const categories = [{ id: 1, name: "object" }];
  const file = join(workplace, "set", "annotations.json");
  writeFileSync(file, JSON.stringify({ images: records, annotations, categories }));
}

/** Steps that a run's metrics tell of. */
export function stepsOf(run: string): number[] {
  const path = join(run, "metrics.jsonl");
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, "utf8").split("\n").slice(0, -1);
  return lines
    .map((line) => JSON.parse(line))
    .flatMap(({ step, loss }) => (loss === undefined ? [] : [step]));
}

export async function untilStep(child: ChildProcess, run: string, step: number): Promise<void> {
  const ended = finish(child).then(({ stderr }) => {
    throw new Error(`It ended before step ${step}: ${stderr}`);
  });
  ended.catch(() => {});
  await Promise.race([ended, expect.poll(() => stepsOf(run).at(-1) ?? 0).toBeGreaterThanOrEqual(step)]);
}
