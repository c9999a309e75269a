/**
 * An image at halves of its size: a large one that is shown small is neither slow to draw nor full of jags.
 */

/** The image itself, then halves of the level before. */
export interface Pyramid {
  readonly levels: ImageBitmap[];
}

/** Levels smaller than this are not worth making, pixels of the shorter side. */
const SMALLEST_SIDE_PX = 64;

export function createPyramid(image: ImageBitmap): Pyramid {
  return { levels: [image] };
}

/**
 * The smallest level that has at least a pixel for each one that is drawn. Levels are made when they are
 * first asked for.
 *
 * @param scale drawn pixels for each of the image
 */
export function levelFor({ levels }: Pyramid, scale: number): ImageBitmap {
  const wanted = Math.max(0, Math.floor(-Math.log2(scale)));
  while (levels.length <= wanted) {
    const finest = levels.at(-1)!;
    if (Math.min(finest.width, finest.height) < 2 * SMALLEST_SIDE_PX) break;
    levels.push(halve(finest));
  }
  return levels[Math.min(wanted, levels.length - 1)]!;
}

/** Gives back the memory of the levels that were made here, which is all but the image itself. */
export function closePyramid({ levels }: Pyramid): void {
  for (const level of levels.splice(1)) level.close();
}

function halve(image: ImageBitmap): ImageBitmap {
  const width = Math.ceil(image.width / 2);
  const height = Math.ceil(image.height / 2);
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d")!;
  // At just half the size each new pixel is the mean of four.
  context.imageSmoothingQuality = "low";
  context.drawImage(image, 0, 0, width, height);
  return canvas.transferToImageBitmap();
}
