import { type BoxXyxy, type Point, SamError } from "@segany/masks";
import type { ImagePrompt } from "@segany/sam";
import { UsageError } from "../cli-error.js";
import { parseNumberList } from "../numbers.js";
import { readInput } from "../read-input.js";
import { type MaskFile, readMaskFile } from "./mask-input.js";

const MAX_FILE_BYTES = 2 ** 26;
/** Prompts of a file, and points of a prompt. */
const MAX_PROMPTS = 100_000;
const MAX_POINTS = 1000;

/** A point on a command line: X,Y or X,Y,LABEL. */
export interface LabelledPoint {
  readonly point: Point;
  readonly label: number;
}

/** Adds one `--point` to earlier ones. */
export function addPoint(text: string, before: readonly LabelledPoint[] = []): LabelledPoint[] {
  const [x, y, label = 1] = parseNumberList(
    text,
    [2, 3],
    "500,375 or 500,375,1 (1: on the object, 0: not on it)",
  );
  return [...before, { point: [x!, y!], label }];
}

/** Parses `--box`; a second one is an error, since all parts of a prompt describe one object. */
export function parseBox(text: string, before?: BoxXyxy): BoxXyxy {
  if (before)
    throw new UsageError(
      "--box can be given only once: all points and the box describe one object. For several objects, write a file for --prompts.",
    );
  const [x0, y0, x1, y1] = parseNumberList(text, [4], "100,150,400,380 (x0,y0,x1,y1)");
  return [x0!, y0!, x1!, y1!];
}

/** The parts of one prompt on a command line. */
export interface PromptArguments {
  readonly point?: readonly LabelledPoint[];
  readonly box?: BoxXyxy;
  readonly maskInput?: string;
  readonly maskIndex?: number;
  readonly prompts?: string;
  readonly text?: readonly string[];
}

/** A prompt of a list, or why it can't be used. */
export type ReadPrompt = { readonly prompt: ImagePrompt } | { readonly error: SamError };

/** The prompts of a command line. The rough mask belongs to the only one. */
export interface ReadPrompts {
  readonly entries: readonly ReadPrompt[];
  readonly mask?: MaskFile;
}

/**
 * Reads the prompts that a command line specifies.
 *
 * @throws UsageError for none or contradicting ones; SamError `file-unreadable`, `prompt-invalid`
 */
export async function readPrompts({
  point = [],
  box,
  maskInput,
  maskIndex,
  prompts,
  text = [],
}: PromptArguments): Promise<ReadPrompts> {
  const single = point.length > 0 || box !== undefined || maskInput !== undefined || text.length === 1;
  if (maskIndex !== undefined && maskInput === undefined)
    throw new UsageError("--mask-index selects a mask of --mask-input FILE; give both.");
  if (prompts !== undefined) {
    if (single || text.length > 0)
      throw new UsageError("Use either --prompts, or --point, --box, --text and --mask-input.");
    return { entries: await readPromptFile(prompts) };
  }
  if (text.length > 1) {
    if (single) throw new UsageError("With --point, --box or --mask-input, --text can be given only once.");
    return { entries: text.map((words) => ({ prompt: { text: words } })) };
  }
  if (!single)
    throw new UsageError(
      "Nothing to segment: use --point X,Y, --box X0,Y0,X1,Y1, --text WORDS, --mask-input FILE or --prompts FILE.",
    );
  const prompt = {
    pointCoords: point.map((entry) => entry.point),
    pointLabels: point.map((entry) => entry.label),
    ...(box && { box }),
    ...(text[0] !== undefined && { text: text[0] }),
  };
  const mask = maskInput === undefined ? undefined : await readMaskFile(maskInput, maskIndex);
  return { entries: [{ prompt }], ...(mask && { mask }) };
}

const EXAMPLE = '[{ "point_coords": [[500, 375]], "point_labels": [1], "box": [425, 600, 700, 875] }]';

async function readPromptFile(path: string): Promise<ReadPrompt[]> {
  const text = (await readInput(path, MAX_FILE_BYTES)).toString("utf8").replace(/^\ufeff/, "");
  const invalid = (reason: string) => new SamError("prompt-invalid", `${path}: ${reason}`);
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch (error) {
    throw invalid(`it is not JSON: ${(error as Error).message}`);
  }
  const list = listOf(parsed);
  if (!list || list.length === 0)
    throw invalid(`it must be a list of prompts like ${EXAMPLE}, or a file that \`segany predict\` wrote.`);
  if (list.length > MAX_PROMPTS)
    throw invalid(`it has ${list.length} prompts; at most ${MAX_PROMPTS} are taken. Divide the file.`);
  return list.map((entry, i) => readEntry(entry, (reason) => invalid(`prompt ${i + 1} ${reason}`)));
}

/** A list, or the `prompts` of a result of this command. */
function listOf(parsed: unknown): readonly unknown[] | undefined {
  const list = Array.isArray(parsed) ? parsed : (parsed as { prompts?: unknown } | null)?.prompts;
  return Array.isArray(list) ? list : undefined;
}

function readEntry(entry: unknown, invalid: (reason: string) => SamError): ReadPrompt {
  try {
    return { prompt: parsePrompt(entry, invalid) };
  } catch (error) {
    if (error instanceof SamError) return { error };
    throw error;
  }
}

const FIELDS = ["point_coords", "point_labels", "pointCoords", "pointLabels", "box", "text"];
/** Adds one `--text` to earlier ones. */
export function addText(text: string, before: readonly string[] = []): string[] {
  return [...before, text];
}

/** Fields of this command's results that say nothing of the prompt if they are null. */
const RESULT_FIELDS = ["mask_input", "error"];

function parsePrompt(entry: unknown, invalid: (reason: string) => SamError): ImagePrompt {
  if (typeof entry !== "object" || entry === null) throw invalid("is not an object");
  const fields = entry as Record<string, unknown>;
  const unknown = Object.keys(fields).find(
    (key) => !FIELDS.includes(key) && !(RESULT_FIELDS.includes(key) && fields[key] === null),
  );
  if (unknown === "mask_input") throw invalid("has a mask_input; give it alone, with --mask-input");
  if (unknown)
    throw invalid(`has an unknown field "${unknown}"; known are point_coords, point_labels, box, text`);
  const pointCoords = fields.point_coords ?? fields.pointCoords ?? [];
  const pointLabels = fields.point_labels ?? fields.pointLabels ?? [];
  const box = fields.box ?? undefined;
  const text = fields.text ?? undefined;
  if (!Array.isArray(pointCoords) || !pointCoords.every((point) => isNumbers(point, 2)))
    throw invalid("has point_coords that are not a list of [x, y]");
  if (pointCoords.length > MAX_POINTS)
    throw invalid(`has ${pointCoords.length} points; at most ${MAX_POINTS} are taken`);
  if (!Array.isArray(pointLabels) || !isNumbers(pointLabels, pointLabels.length))
    throw invalid("has point_labels that are not a list of 1 and 0");
  if (box !== undefined && !isNumbers(box, 4)) throw invalid("has a box that is not [x0, y0, x1, y1]");
  if (text !== undefined && typeof text !== "string") throw invalid("has a text that is none");
  return {
    pointCoords: pointCoords as unknown as Point[],
    pointLabels: pointLabels as number[],
    ...(box !== undefined && { box: box as unknown as BoxXyxy }),
    ...(text !== undefined && { text }),
  };
}

function isNumbers(value: unknown, length: number): value is number[] {
  return Array.isArray(value) && value.length === length && value.every((item) => typeof item === "number");
}
