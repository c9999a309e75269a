/** Images and masks at a smaller scale, on a canvas of their own size. */
import type { Mask, RgbaImage } from "@segany/masks";

/** The colour that becomes 0 in SAM's input, as its padding is: the mean of its preprocessing, opaque. */
const PADDING = [124, 116, 104, 255] as const;

/**
 * An image at a share of its size, at the top left of a canvas of the image's size; the rest is padding.
 * Each pixel is the mean of those that it stands for.
 *
 * @param share above 0, at most 1
 */
export function shrinkImage({ width, height, data }: RgbaImage, share: number): RgbaImage {
  const [columns, rows] = [bounds(width, share), bounds(height, share)];
  const shrunk = new Uint8ClampedArray(data.length);
  for (let i = 0; i < shrunk.length; i++) shrunk[i] = PADDING[i % 4]!;
  for (let y = 0; y + 1 < rows.length; y++)
    for (let x = 0; x + 1 < columns.length; x++)
      for (let channel = 0; channel < 4; channel++)
        shrunk[(y * width + x) * 4 + channel] = meanOf(
          columns,
          rows,
          x,
          y,
          (column, row) => data[(row * width + column) * 4 + channel]!,
        );
  return { width, height, data: shrunk };
}

/** A mask like {@link shrinkImage}: a pixel is inside if half of those that it stands for are. */
export function shrinkMask({ width, height, data }: Mask, share: number): Mask {
  const [columns, rows] = [bounds(width, share), bounds(height, share)];
  const shrunk = new Uint8Array(data.length);
  for (let y = 0; y + 1 < rows.length; y++)
    for (let x = 0; x + 1 < columns.length; x++) {
      const inside = meanOf(columns, rows, x, y, (column, row) => data[row * width + column]!);
      shrunk[y * width + x] = inside >= 0.5 ? 1 : 0;
    }
  return { width, height, data: shrunk };
}

/** Where the pixels that each of fewer stands for begin, and where the last of them ends. */
function bounds(size: number, share: number): number[] {
  const count = Math.max(1, Math.round(size * share));
  return Array.from({ length: count + 1 }, (_, i) => Math.floor((i * size) / count));
}

function meanOf(
  columns: readonly number[],
  rows: readonly number[],
  x: number,
  y: number,
  valueAt: (column: number, row: number) => number,
): number {
  let sum = 0;
  for (let row = rows[y]!; row < rows[y + 1]!; row++)
    for (let column = columns[x]!; column < columns[x + 1]!; column++) sum += valueAt(column, row);
  return sum / ((rows[y + 1]! - rows[y]!) * (columns[x + 1]! - columns[x]!));
}
