import type { BoxXywh, RgbaImage } from "@segany/masks";

const linePx = 2;
const colour = [255, 200, 0] as const;

/**
 * Draws the outline of a box into an image, for objects without a mask.
 *
 * @param boxXywh pixels of the image before it was scaled
 */
export function drawBox({ width, height, data }: RgbaImage, boxXywh: BoxXywh, scale: number): void {
  const [x, y, boxWidth, boxHeight] = boxXywh.map((value) => value * scale) as [
    number,
    number,
    number,
    number,
  ];
  const left = clamp(Math.round(x), 0, width - 1);
  const top = clamp(Math.round(y), 0, height - 1);
  const right = clamp(Math.round(x + boxWidth) - 1, left, width - 1);
  const bottom = clamp(Math.round(y + boxHeight) - 1, top, height - 1);
  for (let row = top; row <= bottom; row++) {
    for (let column = left; column <= right; column++) {
      const edge = Math.min(row - top, bottom - row, column - left, right - column);
      if (edge < linePx) data.set(colour, 4 * (row * width + column));
    }
  }
}

function clamp(value: number, lowest: number, highest: number): number {
  return Math.min(highest, Math.max(lowest, value));
}
