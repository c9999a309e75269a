import { type Mask, maskToBoxXyxy, type Size } from "@segany/masks";

/** Outlines of many masks in one layer. */
export interface ContourLayer {
  /** Number of the mask whose outline is visible, 0 for none; height x width. */
  readonly owners: Int32Array;
  /** How much of the pixel the outline covers, 0..255; height x width. */
  readonly coverage: Uint8Array;
  /**
   * Adds a mask's outline. Where outlines meet, the one that covers more of the pixel is visible, the later
   * one if equal.
   */
  add(mask: Mask, number: number): void;
}

/** The footprint of a round pen at one position: pixels by their offset, and their coverage. */
type Stamp = readonly { readonly dx: number; readonly dy: number; readonly coverage: number }[];

/**
 * Creates an empty layer. Outlines are drawn with a round pen at the middle of every edge between a pixel
 * inside and one outside. The image's own border is not an edge: a mask that reaches it stays open there.
 */
export function createContourLayer({ width, height }: Size, lineWidthPx: number): ContourLayer {
  const owners = new Int32Array(width * height);
  const coverage = new Uint8Array(width * height);
  const leftEdge = makeStamp(lineWidthPx, 0.5, 0);
  const topEdge = makeStamp(lineWidthPx, 0, 0.5);

  function press(stamp: Stamp, x: number, y: number, number: number): void {
    for (const dot of stamp) {
      const px = x + dot.dx;
      const py = y + dot.dy;
      if (px < 0 || py < 0 || px >= width || py >= height) continue;
      const i = py * width + px;
      if (dot.coverage < coverage[i]!) continue;
      coverage[i] = dot.coverage;
      owners[i] = number;
    }
  }

  return {
    owners,
    coverage,
    add(mask, number) {
      const { data } = mask;
      const [x0, y0, x1, y1] = maskToBoxXyxy(mask);
      // One pixel further right and down, where the last edges are.
      for (let y = y0; y <= Math.min(y1 + 1, height - 1); y++) {
        for (let x = x0; x <= Math.min(x1 + 1, width - 1); x++) {
          const i = y * width + x;
          if (x > 0 && data[i] !== data[i - 1]) press(leftEdge, x, y, number);
          if (y > 0 && data[i] !== data[i - width]) press(topEdge, x, y, number);
        }
      }
    },
  };
}

/** @param edgeX, edgeY distance from the middle of the edge to the pixel's centre, to the right and down */
function makeStamp(lineWidthPx: number, edgeX: number, edgeY: number): Stamp {
  const reach = Math.ceil(lineWidthPx / 2 + 1);
  const offsets = Array.from({ length: 2 * reach + 1 }, (_, i) => i - reach);
  return offsets
    .flatMap((dy) =>
      offsets.map((dx) => {
        const covered = lineWidthPx / 2 + 0.5 - Math.hypot(dx + edgeX, dy + edgeY);
        return { dx, dy, coverage: Math.round(255 * Math.max(0, Math.min(1, covered))) };
      }),
    )
    .filter((dot) => dot.coverage > 0);
}
