import type { Point } from "@segany/masks";
import type { ImageEmbedding } from "../embeddings/image-embedding.js";

/** Points that are decoded together with one window around them. */
export interface Tile {
  /** In the unit square of the crop. */
  readonly points: readonly Point[];
  /** Middle of the tile, pixels of the model's frame. */
  readonly centre: readonly [x: number, y: number];
}

/** Side of a tile, model pixels: half of a window's, so that a quarter of a window lies around each. */
const TILE_PX = 128;

/** Cuts a grid into square tiles; one with more points than `maxBatch` is given several times. */
export function tilesOf(
  points: readonly Point[],
  { inputSize }: Pick<ImageEmbedding, "inputSize">,
  maxBatch: number,
): Tile[] {
  const tiles = new Map<string, { readonly points: Point[]; readonly centre: readonly [number, number] }>();
  for (const point of points) {
    const column = Math.floor((point[0] * inputSize.width) / TILE_PX);
    const row = Math.floor((point[1] * inputSize.height) / TILE_PX);
    const key = `${column},${row}`;
    const tile = tiles.get(key) ?? {
      points: [],
      centre: [(column + 0.5) * TILE_PX, (row + 0.5) * TILE_PX],
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
