/** Outlines of masks as paths in the image's pixels, as fine as the scale needs, made once for each mask. */

import { type MaskRuns, type Ring, traceRuns } from "@segany/masks";
import { knownColumnsOf } from "./known-columns.js";

/** Corners nearer than this on the screen are one, CSS pixels. */
const DETAIL_PX = 0.75;

/** Levels of detail halve the corners' precision; a level beyond this is never worth a path of its own. */
const MAX_LEVEL = 6;

interface Outline {
  readonly rings: readonly Ring[];
  readonly paths: (Path2D | undefined)[];
}

const outlines = new WeakMap<MaskRuns, Outline>();

/**
 * The outline of a mask, to be filled by the even-odd rule or stroked.
 *
 * @param scale CSS pixels for one of the image
 * @returns a path in pixels of the image, pixel (x, y) covering [x, x + 1] x [y, y + 1]
 */
export function outlinePath(mask: MaskRuns, scale: number): Path2D {
  const { rings, paths } = outlineOf(mask);
  const level = detailLevel(scale);
  const known = paths[level];
  if (known) return known;
  const path = new Path2D();
  for (const ring of rings) addRing(path, level === 0 ? ring : thinRing(ring, DETAIL_PX * 2 ** level));
  paths[level] = path;
  return path;
}

/**
 * 0 for all corners, which is when a pixel of the image is at least one of the screen; then one more for each
 * half.
 */
export function detailLevel(scale: number): number {
  return Math.max(0, Math.min(MAX_LEVEL, Math.floor(-Math.log2(scale))));
}

/**
 * Leaves out corners that are nearer than `distancePx` to the last one that was kept, in each direction.
 *
 * @returns an empty ring when fewer than three corners are left, which is a speck that would not be seen
 */
export function thinRing(ring: Ring, distancePx: number): Ring {
  const kept: number[] = [];
  let lastX = Number.NEGATIVE_INFINITY;
  let lastY = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < ring.length; i += 2) {
    const x = ring[i]!;
    const y = ring[i + 1]!;
    if (Math.abs(x - lastX) < distancePx && Math.abs(y - lastY) < distancePx) continue;
    kept.push(x, y);
    lastX = x;
    lastY = y;
  }
  return kept.length < 6 ? [] : kept;
}

function outlineOf(mask: MaskRuns): Outline {
  const known = outlines.get(mask);
  if (known) return known;
  const rings = traceRuns(knownColumnsOf(mask)).map(({ ring }) => ring);
  const outline: Outline = { rings, paths: [] };
  outlines.set(mask, outline);
  return outline;
}

function addRing(path: Path2D, ring: Ring): void {
  if (ring.length === 0) return;
  path.moveTo(ring[0]!, ring[1]!);
  for (let i = 2; i < ring.length; i += 2) path.lineTo(ring[i]!, ring[i + 1]!);
  path.closePath();
}
