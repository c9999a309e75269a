/**
 * What the numbers of a line of YOLO's labels mean: the same count of them may be a polygon, a tracked box or
 * a pose.
 */

/** A line after its class: a box or an outline as parts of the image's sides, and what else it says. */
export interface YoloLine {
  /** [centre x, centre y, width, height] */
  readonly box?: readonly number[];
  /** x, y, x, y, … */
  readonly ring?: readonly number[];
  /** A predictor's confidence. */
  readonly score?: number;
  readonly trackId?: number;
  /** How many keypoints are left out. */
  readonly keypoints: number;
}

/** How the lines of a file are to be read. */
export interface YoloLineForm {
  /** Numbers of a pose's keypoints, after the box. */
  readonly keypointNumbers: number;
  readonly keypoints: number;
  /** Numbers at the end: a confidence, or a confidence and a track id, as a predictor saves them. */
  readonly isTracked: boolean;
}

/** What `data.yaml` says about its lines. */
export interface YoloTask {
  /** "detect", "segment", "pose", "obb". */
  readonly task?: string;
  /** How many keypoints, of how many numbers each. */
  readonly keypointShape?: readonly [count: number, numbers: number];
}

/**
 * Finds out from all lines of a file what they are: poses have a visibility of 0, 1 or 2 at every third
 * place, and track ids are whole numbers from 1 after a box and a confidence.
 *
 * @param lines the numbers of each line after its class
 */
export function formOfLines(
  lines: readonly (readonly number[])[],
  { task, keypointShape }: YoloTask,
): YoloLineForm {
  const plain = { keypointNumbers: 0, keypoints: 0, isTracked: false };
  if (lines.length === 0) return plain;
  if (keypointShape) {
    const [count, numbers] = keypointShape;
    return { ...plain, keypointNumbers: count * numbers, keypoints: count };
  }
  if (task === "segment") return plain;
  if (task !== "obb" && lines.every(isPose)) {
    const count = Math.floor((lines[0]!.length - 4) / 3);
    return { ...plain, keypointNumbers: 3 * count, keypoints: count };
  }
  const isTracked = lines.every(
    (values) => values.length >= 6 && values.length % 2 === 0 && isTrackId(values.at(-1)!),
  );
  return { ...plain, isTracked };
}

/** At least two keypoints, all with a visibility, one of them seen. */
function isPose(values: readonly number[]): boolean {
  if (values.length < 10 || (values.length - 4) % 3 !== 0) return false;
  const visibilities = values.filter((_, i) => i >= 6 && i % 3 === 0);
  return (
    visibilities.every((value) => value === 0 || value === 1 || value === 2) &&
    visibilities.some((value) => value > 0)
  );
}

function isTrackId(value: number): boolean {
  return Number.isInteger(value) && value >= 1;
}

/**
 * Reads the numbers of a line.
 *
 * @returns undefined for a line with too few numbers
 */
export function readLine(values: readonly number[], form: YoloLineForm): YoloLine | undefined {
  const { keypointNumbers, keypoints } = form;
  if (keypointNumbers > 0 && values.length >= 4 + keypointNumbers) {
    const [score, trackId] = values.slice(4 + keypointNumbers);
    return { box: values.slice(0, 4), keypoints, ...optional(score, trackId) };
  }
  const shape = form.isTracked ? values.slice(0, -2) : values.length % 2 === 1 ? values.slice(0, -1) : values;
  const [score, trackId] = values.slice(shape.length);
  if (shape.length < 4) return undefined;
  const rest = { keypoints: 0, ...optional(score, trackId) };
  return shape.length === 4 ? { box: shape, ...rest } : { ring: shape, ...rest };
}

function optional(
  score: number | undefined,
  trackId: number | undefined,
): Pick<YoloLine, "score" | "trackId"> {
  return { ...(score !== undefined && { score }), ...(trackId !== undefined && { trackId }) };
}
