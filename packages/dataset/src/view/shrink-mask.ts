import { decompressRle, type Mask, type Rle } from "@segany/masks";

/** A size in pixels. */
interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * Makes a small dense mask of an RLE by taking the pixel in the middle of each block, without making the
 * large one. A mask so small that no middle meets it keeps one pixel.
 */
export function shrinkMask(rle: Rle, { width, height }: Size): Mask {
  const [fullHeight, fullWidth] = rle.size;
  const data = new Uint8Array(width * height);
  const { counts } = decompressRle(rle);
  // For each column and row of the image: the first small one whose middle lies there or later.
  const columns = firstAtOrAfter(fullWidth, width);
  const rows = firstAtOrAfter(fullHeight, height);
  let painted = 0;
  let firstInside = -1;
  let start = 0;
  for (let i = 1; i < counts.length; i += 2) {
    start += counts[i - 1]!;
    const end = start + counts[i]!;
    if (end > start && firstInside < 0) firstInside = start;
    while (start < end) {
      const x = Math.floor(start / fullHeight);
      const top = start - x * fullHeight;
      const bottom = Math.min(end - x * fullHeight, fullHeight);
      for (let column = columns[x]!; column < columns[x + 1]!; column++) {
        for (let row = rows[top]!; row < rows[bottom]!; row++) {
          data[row * width + column] = 1;
          painted++;
        }
      }
      start += bottom - top;
    }
  }
  if (painted === 0 && firstInside >= 0) {
    const x = Math.floor(((firstInside / fullHeight) | 0) * (width / fullWidth));
    const y = Math.floor((firstInside % fullHeight) * (height / fullHeight));
    data[y * width + x] = 1;
  }
  return { width, height, data };
}

function firstAtOrAfter(full: number, small: number): Uint32Array {
  const first = new Uint32Array(full + 1);
  let next = 0;
  for (let place = 0; place <= full; place++) {
    while (next < small && Math.floor(((next + 0.5) * full) / small) < place) next++;
    first[place] = next;
  }
  first[full] = small;
  return first;
}
