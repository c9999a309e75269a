/** A model made up, for work on the page without one. Not in production builds. */

import { imagePoint, type MaskRuns, maskToRuns, type Point, type Size } from "@segany/masks";
import type { ImagePrompt } from "@segany/sam";
import type { Alternative } from "../state/document.js";
import { measureShape } from "../state/mask-shape.js";
import type { ModelStatus, RunMode } from "../state/status.js";
import type { FoundMask } from "../state/types.js";
import type {
  DecodedSearch,
  EverythingOptions,
  ImageSource,
  ModelFrame,
  OpenImage,
  Segmenter,
} from "./types.js";

/** Nothing of it is looked at. */
const FAKE_MODEL: ModelFrame = { imageSide: 64, fit: "pad", maskSide: 16 };
const DECODE_MS = 30;
const STEP_MS = 120;
const RATINGS = [0.97, 0.94, 0.88] as const;

/**
 * Masks are discs around the points, smaller for parts; a box is its own mask; points not on it bite discs
 * out.
 */
export function createFakeSegmenter(mode: RunMode, onModel: (status: ModelStatus) => void): Segmenter {
  onModel({ state: "ready", name: "discs", hash: null, note: "This model is made up: its masks are discs." });
  return {
    mode,
    async open(source, { signal, onLoading }) {
      const size = await sizeOf(source);
      for (const step of [0, 1, 2, 3, 4]) {
        signal.throwIfAborted();
        onLoading({ phase: "encoding", elapsedMs: step * STEP_MS, expectedMs: 5 * STEP_MS });
        await wait(STEP_MS);
      }
      return openFakeImage(size);
    },
    close: async () => undefined,
  };
}

function openFakeImage(size: Size): OpenImage {
  return {
    ...size,
    model: FAKE_MODEL,
    async predict(prompt, { multimask }) {
      await wait(DECODE_MS);
      const radii = multimask ? [0.2, 0.12, 0.06] : [0.12];
      return radii.map((radius, i) => alternative(discs(prompt, size, radius), RATINGS[i] ?? 0.9));
    },
    everything: (options) => findDiscs(size, options),
  };
}

async function findDiscs(
  size: Size,
  { signal, onProgress, onFound }: EverythingOptions,
): Promise<DecodedSearch> {
  const pointsTotal = 36;
  const masks: FoundMask[] = [];
  for (let i = 0; i < pointsTotal; i++) {
    signal.throwIfAborted();
    await wait(DECODE_MS);
    const at: Point = [((i % 6) + 0.5) * (size.width / 6), (Math.floor(i / 6) + 0.5) * (size.height / 6)];
    const mask = discs({ pointCoords: [at], pointLabels: [1] }, size, 0.05 + (i % 5) * 0.01);
    masks.push({
      ...measureShape(mask),
      predictedIou: 0.7 + (i % 10) * 0.03,
      stabilityScore: 0.9 + (i % 7) * 0.015,
      points: [imagePoint(at)],
    });
    onProgress({ pointsDone: i + 1, pointsTotal });
    if (i % 6 === 5) onFound([...masks]);
  }
  return {
    select: async ({ predIouThresh = 0.88, stabilityScoreThresh = 0.95 }) =>
      masks.filter(
        ({ predictedIou, stabilityScore }) =>
          predictedIou > predIouThresh && (stabilityScore ?? 0) >= stabilityScoreThresh,
      ),
    release: async () => undefined,
  };
}

/** @param radius as a share of the image's shorter side */
function discs(
  { pointCoords = [], pointLabels = [], box }: ImagePrompt,
  size: Size,
  radius: number,
): MaskRuns {
  const { width, height } = size;
  const data = new Uint8Array(width * height);
  const radiusPx = radius * Math.min(width, height);
  if (box)
    fill(data, size, [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2], [box[2] - box[0], box[3] - box[1]], 1);
  for (const [i, at] of pointCoords.entries())
    fill(data, size, at, [2 * radiusPx, 2 * radiusPx], pointLabels[i] === 1 ? 1 : 0);
  return maskToRuns({ width, height, data });
}

/** Fills the ellipse of a size around a place. */
function fill(
  data: Uint8Array,
  { width, height }: Size,
  [cx, cy]: Point,
  [w, h]: readonly [number, number],
  value: 0 | 1,
): void {
  const [rx, ry] = [w / 2, h / 2];
  for (let y = Math.max(0, Math.floor(cy - ry)); y < Math.min(height, cy + ry); y++)
    for (let x = Math.max(0, Math.floor(cx - rx)); x < Math.min(width, cx + rx); x++)
      if (((x + 0.5 - cx) / rx) ** 2 + ((y + 0.5 - cy) / ry) ** 2 <= 1) data[y * width + x] = value;
}

function alternative(segmentation: MaskRuns, predictedIou: number): Alternative {
  return {
    ...measureShape(segmentation),
    predictedIou,
    lowResLogits: new Float32Array(FAKE_MODEL.maskSide ** 2),
  };
}

async function sizeOf(source: ImageSource): Promise<Size> {
  if (source.kind === "stored") throw new Error("There is no server in this mode.");
  const bitmap = await createImageBitmap(source.file);
  const { width, height } = bitmap;
  bitmap.close();
  return { width, height };
}

function wait(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
