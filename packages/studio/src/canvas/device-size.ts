import type { Size } from "@segany/masks";

/** How the layout may round lengths differently than we do, pixels of the screen. */
const ROUNDING_PX = 2;

/**
 * The pixels of the screen that the stage covers: as many as its canvases must have for nothing to be
 * stretched.
 *
 * @param stage CSS pixels
 * @param covered what the browser says, for with a ratio such as 1.5 the layout rounds by where an element
 * lies; some don't say, and those that only pretend to have another screen (in developer tools) say CSS
 * pixels
 */
export function deviceSize(stage: Size, pixelRatio: number, covered: Size | null): Size {
  const width = Math.round(stage.width * pixelRatio);
  const height = Math.round(stage.height * pixelRatio);
  const isNear = (a: number, b: number) => Math.abs(a - b) <= ROUNDING_PX;
  const isTold = covered && isNear(covered.width, width) && isNear(covered.height, height);
  const size = isTold ? covered : { width, height };
  return { width: Math.max(1, size.width), height: Math.max(1, size.height) };
}
