type Corner = readonly [x: number, y: number];

/**
 * Leaves out corners of a closed outline that lie near the line between their neighbours (Douglas and
 * Peucker, 1973).
 *
 * @param ring x, y, x, y, …; the first corner stays
 * @param tolerancePx largest distance of a corner that is left out
 */
export function simplifyRing(ring: readonly number[], tolerancePx: number): Corner[] {
  const corners = Array.from({ length: ring.length / 2 }, (_, i): Corner => [ring[2 * i]!, ring[2 * i + 1]!]);
  const last = corners.length;
  const at = (index: number) => corners[index % last]!;
  const isKept = new Uint8Array(last + 1);
  isKept[0] = 1;
  const spans: (readonly [from: number, to: number])[] = [[0, last]];
  for (let span = spans.pop(); span; span = spans.pop()) {
    const [from, to] = span;
    let farthest = from;
    let distance = tolerancePx;
    for (let i = from + 1; i < to; i++) {
      const away = distanceToLine(at(i), at(from), at(to));
      if (away > distance) [farthest, distance] = [i, away];
    }
    if (farthest === from) continue;
    isKept[farthest] = 1;
    spans.push([from, farthest], [farthest, to]);
  }
  return corners.filter((_, i) => isKept[i] === 1);
}

/** From a point to the line between two others, or to the one place that they have in common. */
function distanceToLine([x, y]: Corner, [x0, y0]: Corner, [x1, y1]: Corner): number {
  const length = Math.hypot(x1 - x0, y1 - y0);
  if (length === 0) return Math.hypot(x - x0, y - y0);
  return Math.abs((x1 - x0) * (y - y0) - (y1 - y0) * (x - x0)) / length;
}
