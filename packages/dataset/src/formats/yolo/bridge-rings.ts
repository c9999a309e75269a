import type { Polygon, Ring } from "@segany/masks";

/** More comparisons than this for one mask are saved by looking at some corners only. */
const maxComparisons = 2 ** 24;

/**
 * Joins all outlines and holes of a mask to one closed line, for formats where a mask is one polygon. A
 * bridge runs from one ring to the next and back on the same way, so it encloses nothing: filling the line by
 * the even-odd rule gives exactly the same pixels as filling the rings. (The non-zero rule does as well,
 * since holes run the other way round.) Tools that also draw the line itself, such as OpenCV's `fillPoly`,
 * paint the pixels along bridges too, wherefore they begin at a near corner.
 *
 * @returns x0, y0, x1, y1, …; empty without polygons
 */
export function bridgeRings(polygons: readonly Polygon[]): Ring {
  const rings = polygons.map(({ outer, holes }) => joinToRing(outer, holes));
  const [first, ...others] = rings;
  return first ? joinToRing(first, others) : [];
}

/** Sets rings into a ring, each at a corner near its first one. */
function joinToRing(ring: Ring, others: readonly Ring[]): Ring {
  if (others.length === 0) return ring;
  const corners = ring.length / 2;
  const step = Math.max(1, Math.ceil((corners * others.length) / maxComparisons));
  const at = new Map<number, Ring[]>();
  for (const other of others) {
    const corner = nearestCorner(ring, other[0]!, other[1]!, step);
    const there = at.get(corner);
    if (there) there.push(other);
    else at.set(corner, [other]);
  }
  const joined: number[] = [];
  for (let corner = 0; corner < corners; corner++) {
    const x = ring[2 * corner]!;
    const y = ring[2 * corner + 1]!;
    joined.push(x, y);
    for (const other of at.get(corner) ?? []) {
      for (const value of other) joined.push(value);
      joined.push(other[0]!, other[1]!, x, y);
    }
  }
  return joined;
}

function nearestCorner(ring: Ring, x: number, y: number, step: number): number {
  let best = 0;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (let corner = 0; 2 * corner < ring.length; corner += step) {
    const dx = ring[2 * corner]! - x;
    const dy = ring[2 * corner + 1]! - y;
    const distance = dx * dx + dy * dy;
    if (distance < bestDistance) {
      bestDistance = distance;
      best = corner;
    }
  }
  return best;
}
