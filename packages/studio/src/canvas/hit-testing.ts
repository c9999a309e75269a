/** What lies under the cursor. */

import {
  boxXywhToXyxy,
  type ExclusiveBoxXyxy,
  exclusiveBox,
  type ImagePoint,
  imagePoint,
  isInsideRuns,
} from "@segany/masks";
import type { MaskObject, MaskShape, PromptPoint } from "../state/document.js";
import type { FoundMask, View } from "../state/types.js";
import { knownColumnsOf } from "./known-columns.js";
import { type ScreenPoint, toScreenPoint } from "./view.js";

/** Whether the pixel that a place lies on is inside a mask. */
export function isInsideShape([x, y]: ImagePoint, { segmentation, boxXywh }: MaskShape): boolean {
  const column = Math.floor(x);
  const row = Math.floor(y);
  const [left, top, right, bottom] = boxXywhToXyxy(boxXywh);
  if (column < left || row < top || column >= right || row >= bottom) return false;
  return isInsideRuns(knownColumnsOf(segmentation), column, row);
}

/**
 * The visible object at a place: the smallest of several, which is the one that could not be met elsewhere.
 */
export function objectAt(at: ImagePoint, objects: readonly MaskObject[]): MaskObject | null {
  let best: MaskObject | null = null;
  for (const object of objects) {
    if (!object.visible || (best && object.areaPx > best.areaPx)) continue;
    if (isInsideShape(at, object)) best = object;
  }
  return best;
}

/** Place in `found` of the smallest mask at a place, or null. */
export function foundAt(at: ImagePoint, found: readonly FoundMask[]): number | null {
  let best: number | null = null;
  for (const [index, mask] of found.entries()) {
    if (best !== null && mask.areaPx > found[best]!.areaPx) continue;
    if (isInsideShape(at, mask)) best = index;
  }
  return best;
}

/** The prompt point whose mark is at most `reachPx` away on the screen, the nearest of several. */
export function pointAt(
  at: ScreenPoint,
  points: readonly PromptPoint[],
  view: View,
  reachPx: number,
): PromptPoint | null {
  let best: PromptPoint | null = null;
  let bestPx = reachPx;
  for (const point of points) {
    const [x, y] = toScreenPoint(view, point.at);
    const distancePx = Math.hypot(x - at[0], y - at[1]);
    if (distancePx > bestPx) continue;
    best = point;
    bestPx = distancePx;
  }
  return best;
}

/** A side or corner of a box by the edges that follow it: which of x0 and x1, and which of y0 and y1. */
export interface BoxHandle {
  readonly x: 0 | 2 | null;
  readonly y: 1 | 3 | null;
}

/** The side or corner of a box that is at most `reachPx` away on the screen. */
export function boxHandleAt(
  [x, y]: ScreenPoint,
  [x0, y0, x1, y1]: ExclusiveBoxXyxy,
  view: View,
  reachPx: number,
): BoxHandle | null {
  const [left, top] = toScreenPoint(view, imagePoint([x0, y0]));
  const [right, bottom] = toScreenPoint(view, imagePoint([x1, y1]));
  const withinX = x >= left - reachPx && x <= right + reachPx;
  const withinY = y >= top - reachPx && y <= bottom + reachPx;
  if (!withinX || !withinY) return null;
  const handle: BoxHandle = {
    x: nearerEdge(x, left, right, reachPx, 0, 2),
    y: nearerEdge(y, top, bottom, reachPx, 1, 3),
  };
  return handle.x === null && handle.y === null ? null : handle;
}

function nearerEdge<Low, High>(
  at: number,
  low: number,
  high: number,
  reach: number,
  lowName: Low,
  highName: High,
): Low | High | null {
  const toLow = Math.abs(at - low);
  const toHigh = Math.abs(at - high);
  if (Math.min(toLow, toHigh) > reach) return null;
  return toHigh <= toLow ? highName : lowName;
}

/**
 * A box after one of its handles was dragged to a place; its corners stay in order when it is turned over.
 */
export function dragBoxHandle(
  [x0, y0, x1, y1]: ExclusiveBoxXyxy,
  handle: BoxHandle,
  [x, y]: ImagePoint,
): ExclusiveBoxXyxy {
  const dragged: [number, number, number, number] = [x0, y0, x1, y1];
  if (handle.x !== null) dragged[handle.x] = x;
  if (handle.y !== null) dragged[handle.y] = y;
  return boxBetween(imagePoint([dragged[0], dragged[1]]), imagePoint([dragged[2], dragged[3]]));
}

/** The box between two corners in any order. */
export function boxBetween([ax, ay]: ImagePoint, [bx, by]: ImagePoint): ExclusiveBoxXyxy {
  return exclusiveBox([Math.min(ax, bx), Math.min(ay, by), Math.max(ax, bx), Math.max(ay, by)]);
}
