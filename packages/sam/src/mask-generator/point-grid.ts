import { type Point, SamError } from "@segany/masks";

/**
 * Builds a regular grid of points in the unit square, each at the centre of its cell (`build_point_grid`).
 *
 * @returns perSide² points (x, y) in [0, 1], row by row
 *
 * @example
 * console.log(buildPointGrid(2)[0]); // [ 0.25, 0.25 ]
 */
export function buildPointGrid(pointsPerSide: number): Point[] {
  const offset = 1 / (2 * pointsPerSide);
  const last = 1 - offset;
  const step = pointsPerSide > 1 ? (last - offset) / (pointsPerSide - 1) : 0;
  const places = Array.from({ length: pointsPerSide }, (_, i) => offset + i * step);
  return places.flatMap((y) => places.map((x): Point => [x, y]));
}

/**
 * Builds one grid for the whole image and one for each layer of crops; the side of layer i is divided by
 * factor^i (`build_all_layer_point_grids`).
 *
 * @example
 * console.log(buildAllLayerPointGrids(32, 1, 2).map((grid) => grid.length)); // [ 1024, 256 ]
 */
export function buildAllLayerPointGrids(
  pointsPerSide: number,
  cropNLayers: number,
  downscaleFactor: number,
): Point[][] {
  return gridSides(pointsPerSide, cropNLayers, downscaleFactor).map(buildPointGrid);
}

/**
 * Points per side in the image and in a crop of each layer.
 *
 * @throws SamError `option-invalid` if a layer would have none
 */
export function gridSides(pointsPerSide: number, cropNLayers: number, downscaleFactor: number): number[] {
  return Array.from({ length: cropNLayers + 1 }, (_, layer) => {
    const side = Math.floor(pointsPerSide / downscaleFactor ** layer);
    if (side < 1) {
      throw new SamError(
        "option-invalid",
        `Layer ${layer} of crops would have no points: pointsPerSide ${pointsPerSide} divided by ${downscaleFactor}^${layer}. Raise pointsPerSide or lower cropNPointsDownscaleFactor.`,
      );
    }
    return side;
  });
}
