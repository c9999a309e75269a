import type { Point } from "@segany/masks";

/** A straight line between two positions. */
export type Segment = readonly [Point, Point];

/** Distance from a position to a line segment. */
export function segmentDistance(x: number, y: number, [[ax, ay], [bx, by]]: Segment): number {
  const dx = bx - ax;
  const dy = by - ay;
  const squared = dx * dx + dy * dy;
  const along = squared === 0 ? 0 : Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / squared));
  return Math.hypot(x - ax - along * dx, y - ay - along * dy);
}

/** Distance from a position to a polygon's edge, negative inside (even-odd rule). */
export function polygonDistance(x: number, y: number, vertices: readonly Point[]): number {
  let distance = Number.POSITIVE_INFINITY;
  let inside = false;
  vertices.forEach((a, i) => {
    const b = vertices[(i + 1) % vertices.length]!;
    distance = Math.min(distance, segmentDistance(x, y, [a, b]));
    const crosses = a[1] > y !== b[1] > y && x < a[0] + ((y - a[1]) * (b[0] - a[0])) / (b[1] - a[1]);
    if (crosses) inside = !inside;
  });
  return inside ? -distance : distance;
}

/** A five-pointed star that stands on two points. */
export function starVertices([x, y]: Point, outerRadius: number, innerRadius: number): Point[] {
  return Array.from({ length: 10 }, (_, i): Point => {
    const radius = i % 2 === 0 ? outerRadius : innerRadius;
    const angle = (i * Math.PI) / 5 - Math.PI / 2;
    return [x + radius * Math.cos(angle), y + radius * Math.sin(angle)];
  });
}

/** Rounds a line's corners by cutting them three times (Chaikin); the ends of an open line stay unchanged. */
export function smoothLine(points: readonly Point[]): Point[] {
  let line = [...points];
  for (let round = 0; round < 3; round++) line = cutCorners(line);
  return line;
}

function cutCorners(points: readonly Point[]): Point[] {
  const first = points[0]!;
  const last = points[points.length - 1]!;
  const between = ([ax, ay]: Point, [bx, by]: Point, part: number): Point => [
    ax + (bx - ax) * part,
    ay + (by - ay) * part,
  ];
  const cut = points
    .slice(1)
    .flatMap((point, i) => [between(points[i]!, point, 0.25), between(points[i]!, point, 0.75)]);
  const closed = first[0] === last[0] && first[1] === last[1];
  return closed ? [...cut, cut[0]!] : [first, ...cut.slice(1, -1), last];
}
