import type { Mask, Point } from "./types.js";

// Directions in the order of right turns, y downwards: east, south, west, north.
const stepX = [1, 0, -1, 0] as const;
const stepY = [0, 1, 0, -1] as const;
// The pixel right of a step from corner (x, y) in each direction, as an offset from (x, y).
const insideX = [0, -1, -1, 0] as const;
const insideY = [0, 0, -1, -1] as const;

/**
 * Follows the pixel edges between inside and outside, inside on the right, from one corner until it comes back there.
 * Where two inside pixels meet only at a corner it stays with the one it was following.
 *
 * @param start a pixel corner (x, y) from which the ring goes in the direction given
 * @param passed a flag for each horizontal pixel edge, (height + 1) x width; those of the ring are set
 * @param simplify leave out corners at which the ring goes straight on
 * @returns x0, y0, x1, y1, …
 */
export function traceRing(
  mask: Mask,
  [startX, startY]: Point,
  startDirection: "east" | "west",
  passed: Uint8Array,
  simplify: boolean,
): number[] {
  const ring: number[] = [];
  const first = startDirection === "east" ? 0 : 2;
  let x = startX;
  let y = startY;
  let direction: number = first;
  do {
    if (direction === 0) passed[y * mask.width + x] = 1;
    else if (direction === 2) passed[y * mask.width + x - 1] = 1;
    x += stepX[direction]!;
    y += stepY[direction]!;
    const next = turn(mask, x, y, direction);
    if (next !== direction || !simplify) ring.push(x, y);
    direction = next;
  } while (x !== startX || y !== startY || direction !== first);
  return ring;
}

/** The direction in which a ring that came to the corner (x, y) goes on. */
function turn(mask: Mask, x: number, y: number, direction: number): number {
  if (!isInside(mask, x + insideX[direction]!, y + insideY[direction]!)) return (direction + 1) & 3;
  // The pixel left of the step ahead is the one right of a step to the left.
  const left = (direction + 3) & 3;
  return isInside(mask, x + insideX[left]!, y + insideY[left]!) ? left : direction;
}

function isInside({ width, height, data }: Mask, x: number, y: number): boolean {
  return x >= 0 && y >= 0 && x < width && y < height && data[y * width + x] === 1;
}
