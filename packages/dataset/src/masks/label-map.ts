import { compressRle, decompressRle, type Mask, type Rle, rleArea } from "@segany/masks";

/** An image whose pixels are numbers: of masks or of classes. Row-major. */
export interface LabelMap {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Uint16Array;
}

/** A mask with the number its pixels get. */
export interface LabelLayer {
  readonly segmentation: Rle;
  readonly label: number;
}

/** What painting masks into one map led to. */
export interface PaintedLabels {
  readonly map: LabelMap;
  /** Pixels that belong to several masks; one of them has it now. */
  readonly sharedPixels: number;
}

/**
 * Takes a label map apart.
 *
 * @returns the mask of each number that occurs, 0 included, by rising number
 */
export function splitLabelMap({ width, height, data }: LabelMap): Map<number, Rle> {
  const changes = new Map<number, number[]>();
  let current = -1;
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) {
      const label = data[y * width + x]!;
      if (label === current) continue;
      const position = x * height + y;
      if (current >= 0) changes.get(current)!.push(position);
      const own = changes.get(label);
      if (own) own.push(position);
      else changes.set(label, [position]);
      current = label;
    }
  }
  const pixels = width * height;
  const sorted = [...changes].sort(([a], [b]) => a - b);
  return new Map(
    sorted.map(([label, positions]) => [
      label,
      compressRle({ size: [height, width], counts: toCounts(positions, pixels) }),
    ]),
  );
}

/** Turns the places where a mask begins and ends by turns into COCO's run lengths. */
function toCounts(changes: readonly number[], pixels: number): number[] {
  const counts: number[] = [];
  let last = 0;
  for (const position of changes) {
    counts.push(position - last);
    last = position;
  }
  if (last < pixels) counts.push(pixels - last);
  return counts;
}

/**
 * Paints masks into one map, larger ones first, so that a small mask on a large one is kept whole.
 *
 * @param layers of the map's size; of equal areas the later one is on top
 * @param bits 8 or 16 a pixel
 */
export function paintLabelMap(
  { width, height }: { readonly width: number; readonly height: number },
  layers: readonly LabelLayer[],
  bits: 8 | 16,
): PaintedLabels {
  const data = bits === 8 ? new Uint8Array(width * height) : new Uint16Array(width * height);
  const shared = new Uint8Array(width * height);
  const sorted = layers
    .map((layer) => ({ ...layer, area: rleArea(layer.segmentation) }))
    .sort((a, b) => b.area - a.area);
  for (const { segmentation, label } of sorted) {
    forEachPixel(segmentation, (pixel) => {
      if (data[pixel] !== 0) shared[pixel] = 1;
      data[pixel] = label;
    });
  }
  let sharedPixels = 0;
  for (const flag of shared) sharedPixels += flag;
  return { map: { width, height, data }, sharedPixels };
}

/** The mask of all pixels that are not 0. */
export function maskOfLabels({ width, height, data: labels }: LabelMap): Mask {
  // A loop, as `Uint8Array.from` with a function takes fifty times as long.
  const data = new Uint8Array(labels.length);
  for (let i = 0; i < data.length; i++) data[i] = labels[i] === 0 ? 0 : 1;
  return { width, height, data };
}

/** Calls with the row-major place of each inside pixel. */
export function forEachPixel(segmentation: Rle, visit: (pixel: number) => void): void {
  const [height, width] = segmentation.size;
  const { counts } = decompressRle(segmentation);
  let position = 0;
  for (let i = 0; i < counts.length; i++) {
    const end = position + counts[i]!;
    if (i % 2 === 1) {
      for (; position < end; position++) {
        const x = Math.floor(position / height);
        visit((position - x * height) * width + x);
      }
    }
    position = end;
  }
}

/** The row-major place of the first inside pixel of the first column; 0 for an empty mask. */
export function firstPixel(segmentation: Rle): number {
  const [height, width] = segmentation.size;
  const { counts } = decompressRle(segmentation);
  const run = counts.findIndex((count, i) => i % 2 === 1 && count > 0);
  if (run < 0) return 0;
  const position = counts.slice(0, run).reduce((sum, count) => sum + count, 0);
  return (position % height) * width + Math.floor(position / height);
}
