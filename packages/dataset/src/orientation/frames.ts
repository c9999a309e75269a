/** The two sizes of an image that EXIF turns. */
import type { Size } from "@segany/masks";
import type { Orientation } from "@segany/sam/images";

/** An image's size as its pixels are stored, and how EXIF turns them. */
export interface StoredSize extends Size {
  readonly orientation: Orientation;
}

/**
 * Which of an image's two sizes a data set has: that of the image as it is seen, after EXIF's turn, or that
 * of the pixels as stored. "either" where both are the same, "neither" where the image has another size.
 */
export type SizeFrame = "seen" | "stored" | "either" | "neither";

/** Which of the image's sizes this is. */
export function frameOf(size: Size, stored: StoredSize): SizeFrame {
  const isStored = isSame(size, stored);
  const isSeen = isSame(size, turnSize(stored, stored.orientation));
  if (isSeen) return isStored ? "either" : "seen";
  return isStored ? "stored" : "neither";
}

/** Turns a size: `{ width: 64, height: 48 }` by 6 is `{ width: 48, height: 64 }`. */
export function turnSize({ width, height }: Size, orientation: Orientation): Size {
  return orientation >= 5 ? { width: height, height: width } : { width, height };
}

/**
 * The size of an image's stored pixels.
 *
 * @param seen its size after EXIF's turn
 */
export function storedSizeOf(seen: Size, orientation: Orientation): StoredSize {
  // A quarter turn back swaps the sides as the turn does.
  return { ...turnSize(seen, orientation), orientation };
}

function isSame(a: Size, b: Size): boolean {
  return a.width === b.width && a.height === b.height;
}
