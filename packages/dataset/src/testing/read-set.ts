import { rleArea } from "@segany/masks";
import type { ReadOptions } from "../formats/format.js";
import { detectFormat } from "../formats/node-registry.js";
import { createReadLossCounter } from "../read-losses.js";
import type { Annotation, DatasetRecord } from "../record.js";
import { lay } from "./mask-sets.js";
import { makeTemporaryFolder } from "./temporary-folder.js";

/** What was read of a small set, in short. */
export interface ReadSet {
  readonly path: string;
  readonly format: string;
  readonly records: readonly DatasetRecord[];
  /** Per image: file name, whether there is a file, and each object as "class area" or "class [x,y,w,h]". */
  readonly images: readonly (readonly [fileName: string, hasFile: boolean, objects: readonly string[]])[];
  /** What was left out, by kind. */
  readonly losses: Readonly<Record<string, number>>;
  /** Messages of what was set aside. */
  readonly problems: readonly string[];
}

/** Lays files into a folder, finds out their format and reads them. */
export async function readSet(
  files: Record<string, string | Uint8Array>,
  options: ReadOptions = {},
): Promise<ReadSet> {
  const path = await makeTemporaryFolder();
  await lay(path, files);
  const losses = createReadLossCounter();
  const problems: string[] = [];
  const takers = { onLoss: losses.onLoss, onProblem: (error: Error) => void problems.push(error.message) };
  const format = await detectFormat(path);
  const dataset = await format.read(path, { ...takers, ...options });
  const names = new Map(dataset.categories.map(({ id, name }) => [id, name]));
  const records: DatasetRecord[] = [];
  for await (const record of dataset.records(takers)) records.push(record);
  return {
    path,
    format: format.name,
    records,
    images: records.map(({ image, annotations }) => [
      image.fileName,
      image.open !== undefined,
      annotations.map(
        (annotation) => `${names.get(annotation.categoryId ?? -1) ?? "-"} ${shapeOf(annotation)}`,
      ),
    ]),
    losses: Object.fromEntries(losses.list().map(({ kind, count }) => [kind, count])),
    problems,
  };
}

function shapeOf({ segmentation, bboxXywh }: Annotation): string {
  return segmentation ? String(rleArea(segmentation)) : JSON.stringify(bboxXywh);
}
