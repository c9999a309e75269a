import { parseJson } from "@segany/dataset";
import { boxXywhToXyxy, cocoBox, type ExclusiveBoxXyxy } from "@segany/masks";
import { readFileUpTo } from "@segany/runtime/files";
import { EvaluationError } from "../errors.js";

/** A million boxes or two. */
const MAX_FILE_BYTES = 2 ** 28;

/** Takes what is wrong with a box, which is then left out. */
export type OnBoxProblem = (problem: EvaluationError) => void;

/** A detector's box. */
export interface SuppliedBox {
  /** Number of its entry in the file, from 0. */
  readonly entry: number;
  /** Corners in pixels, x1 and y1 the outer edges. */
  readonly boxXyxy: ExclusiveBoxXyxy;
  readonly score: number;
  readonly categoryId: number | undefined;
}

/**
 * Reads boxes in the form of COCO's detection results: a JSON list of `{ image_id, bbox: [x, y, w, h], score,
 * category_id? }`, pixels.
 *
 * @param onProblem takes entries that are no boxes; without it the first one is an error
 * @returns boxes by image id
 * @throws EvaluationError `boxes-invalid` with the number of the entry, or where no entry is a box
 */
export async function readSuppliedBoxes(
  path: string,
  onProblem?: OnBoxProblem,
): Promise<ReadonlyMap<number, readonly SuppliedBox[]>> {
  const entries = await readList(path);
  const boxes = new Map<number, SuppliedBox[]>();
  for (const [i, entry] of entries.entries()) {
    const parsed = parseEntry(entry, i, path);
    if (parsed instanceof EvaluationError) {
      if (!onProblem) throw parsed;
      onProblem(parsed);
      continue;
    }
    const { imageId, box } = parsed;
    const list = boxes.get(imageId);
    if (list) list.push(box);
    else boxes.set(imageId, [box]);
  }
  if (boxes.size === 0 && entries.length > 0)
    throw new EvaluationError("boxes-invalid", `"${path}": none of its ${entries.length} entries is a box.`);
  return boxes;
}

function parseEntry(
  entry: unknown,
  index: number,
  path: string,
): { readonly imageId: number; readonly box: SuppliedBox } | EvaluationError {
  const {
    image_id: imageId,
    bbox,
    score,
    category_id: categoryId,
  } = Object(entry) as Record<string, unknown>;
  if (!isNumber(imageId) || !isNumber(score) || !isBox(bbox) || !(categoryId == null || isNumber(categoryId)))
    return new EvaluationError(
      "boxes-invalid",
      `"${path}": entry ${index} is ${JSON.stringify(entry)?.slice(0, 120)}; it needs image_id, bbox [x, y, width, height] with both sides above 0, score, and may have category_id.`,
    );
  const boxXyxy = boxXywhToXyxy(cocoBox(bbox));
  return { imageId, box: { entry: index, boxXyxy, score, categoryId: categoryId ?? undefined } };
}

async function readList(path: string): Promise<readonly unknown[]> {
  try {
    const value = parseJson(await readFileUpTo(path, MAX_FILE_BYTES), "it");
    if (Array.isArray(value)) return value;
    throw new Error("it isn't a list");
  } catch (cause) {
    throw new EvaluationError(
      "boxes-invalid",
      `"${path}" can't be used as boxes: ${(cause as Error).message}. Give COCO detection results, a JSON list.`,
      { cause },
    );
  }
}

function isNumber(value: unknown): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

function isBox(value: unknown): value is [number, number, number, number] {
  return (
    Array.isArray(value) && value.length === 4 && value.every(isNumber) && value[2]! > 0 && value[3]! > 0
  );
}
