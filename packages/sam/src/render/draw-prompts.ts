import {
  type Accepts,
  type BoxXyxy,
  type ImagePoint,
  type Point,
  type RgbaImage,
  SamError,
} from "@segany/masks";
import { copyImage, fillRectangle, paint } from "./canvas.js";
import { PROMPT_GREEN, PROMPT_RED, WHITE } from "./colours.js";
import { polygonDistance, starVertices } from "./geometry.js";
import { markSizes } from "./mark-sizes.js";

/** Offset of a pixel's centre from its index. */
const PIXEL_CENTRE = 0.5;
/** The inner corners of a star whose opposite edges lie on one line. */
const STAR_INNER_PART = 0.45;

/**
 * Draws points as stars with a white edge: green on the object (label 1), red off it (label 0), like
 * `show_points` in Meta's notebooks. Other labels, such as -1 for padding, are skipped.
 *
 * @param pointCoords N points (x, y) in the image's pixels
 * @param pointLabels N labels
 * @returns a new image
 * @throws SamError `prompt-invalid` if the number of labels differs from the number of points
 *
 * @example
 * const { width, height } = drawPoints(image, [[610, 430]], [1]);
 * console.log(width, height); // 1200 800
 */
export function drawPoints(
  image: RgbaImage,
  pointCoords: readonly Accepts<ImagePoint>[],
  pointLabels: readonly number[],
): RgbaImage<ArrayBuffer> {
  if (pointCoords.length !== pointLabels.length) {
    throw new SamError(
      "prompt-invalid",
      `There are ${pointCoords.length} points and ${pointLabels.length} labels; give one label for each point.`,
    );
  }
  const drawn = copyImage(image);
  pointCoords.forEach(([x, y], i) => {
    const label = pointLabels[i]!;
    if (label === 0 || label === 1) drawStar(drawn, [x + PIXEL_CENTRE, y + PIXEL_CENTRE], label === 1);
  });
  return drawn;
}

/**
 * Draws boxes as green frames, centred on their edges (`show_box` in Meta's notebooks).
 *
 * @param boxesXyxy in the image's pixels; parts beyond the image are clipped
 * @returns a new image
 *
 * @example
 * const { width, height } = drawBoxes(image, [[500, 300, 720, 560]]);
 * console.log(width, height); // 1200 800
 */
export function drawBoxes(image: RgbaImage, boxesXyxy: readonly BoxXyxy[]): RgbaImage<ArrayBuffer> {
  const drawn = copyImage(image);
  const half = markSizes(image).boxWidthPx / 2;
  for (const box of boxesXyxy) {
    const [x0, y0, x1, y1] = box.map((value) => value + PIXEL_CENTRE) as [number, number, number, number];
    fillRectangle(drawn, [x0 - half, y0 - half, x1 + half, y0 + half], PROMPT_GREEN);
    fillRectangle(drawn, [x0 - half, y1 - half, x1 + half, y1 + half], PROMPT_GREEN);
    fillRectangle(drawn, [x0 - half, y0 + half, x0 + half, y1 - half], PROMPT_GREEN);
    fillRectangle(drawn, [x1 - half, y0 + half, x1 + half, y1 - half], PROMPT_GREEN);
  }
  return drawn;
}

function drawStar(drawn: RgbaImage, centre: Point, positive: boolean): void {
  const { starRadiusPx, starEdgePx } = markSizes(drawn);
  const vertices = starVertices(centre, starRadiusPx, STAR_INNER_PART * starRadiusPx);
  const reach = starRadiusPx + starEdgePx + 1;
  const [x, y] = centre;
  const box = [x - reach, y - reach, x + reach, y + reach] as const;
  paint(drawn, box, WHITE, (px, py) => starEdgePx + 0.5 - polygonDistance(px, py, vertices));
  paint(
    drawn,
    box,
    positive ? PROMPT_GREEN : PROMPT_RED,
    (px, py) => 0.5 - polygonDistance(px, py, vertices),
  );
}
