import type { Point } from "@segany/masks";
import type { ImageEmbedding } from "../embeddings/image-embedding.js";

/** Points that are decoded together with one window around them. */
export interface Tile {
  /** In the unit square of the crop. */
  readonly points: readonly Point[];
  /** Centre of the tile, pixels of the model's frame. */
  readonly centre: readonly [x: number, y: number];
}

/** How a grid is divided. */
export interface TileOptions {
  /** Most points per tile; a tile with more is returned several times. */
  readonly maxBatch: number;
  /** Side of the window around a tile, pixels of the model's frame. */
  readonly windowPx: number;
}

/**
 * Divides a grid into square tiles half as wide as their windows, so that a quarter of a window is on each
 * side.
 */
export function tilesOf(
  points: readonly Point[],
  { inputSize }: Pick<ImageEmbedding, "inputSize">,
  { maxBatch, windowPx }: TileOptions,
): Tile[] {
  const tilePx = windowPx / 2;
  const tiles = new Map<string, { readonly points: Point[]; readonly centre: readonly [number, number] }>();
  for (const point of points) {
    const column = Math.floor((point[0] * inputSize.width) / tilePx);
    const row = Math.floor((point[1] * inputSize.height) / tilePx);
    const key = `${column},${row}`;
    const tile = tiles.get(key) ?? {
      points: [],
      centre: [(column + 0.5) * tilePx, (row + 0.5) * tilePx],
    };
    tile.points.push(point);
    tiles.set(key, tile);
  }
  return [...tiles.values()].flatMap(({ points: all, centre }) =>
    Array.from({ length: Math.ceil(all.length / maxBatch) }, (_, i) => ({
      points: all.slice(i * maxBatch, (i + 1) * maxBatch),
      centre,
    })),
  );
}
