import type { Size } from "@segany/masks";

/** Sizes of marks on an image, pixels. */
export interface MarkSizes {
  readonly contourWidthPx: number;
  readonly boxWidthPx: number;
  readonly starRadiusPx: number;
  readonly starEdgePx: number;
  readonly textHeightPx: number;
}

/** Sizes that look similar on a screen for any image size, and stay legible on a small image. */
export function markSizes({ width, height }: Size): MarkSizes {
  const unit = Math.max(width, height) / 1000;
  return {
    contourWidthPx: Math.max(1.2, 1.8 * unit),
    boxWidthPx: Math.max(1.5, 2.6 * unit),
    starRadiusPx: Math.max(6, 15 * unit),
    starEdgePx: Math.max(1.2, 2 * unit),
    textHeightPx: Math.max(8, 22 * unit),
  };
}
