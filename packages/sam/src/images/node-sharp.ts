/** The only module that loads sharp (libvips). */

/** libvips' loaders for `IMAGE_FORMATS`; all others are disabled. */
const LOADERS = [
  "VipsForeignLoadJpeg",
  "VipsForeignLoadPng",
  "VipsForeignLoadWebp",
  "VipsForeignLoadTiff",
  "VipsForeignLoadHeif",
  "VipsForeignLoadNsgif",
];

let opened: Promise<typeof import("sharp").default> | undefined;

/**
 * Loads sharp when an image is first read or written: it takes a tenth of a second, which prompts on an
 * embedding do not need.
 *
 * libvips is shared by the whole process. After this call it only has the loaders for the formats of
 * `readImage`, for this library and for all other code: SVG, PDF, ImageMagick's formats and others could draw
 * for hours, or download files. A program that needs another loader can enable it after the first call
 * (`sharp.unblock`).
 *
 * @example
 * const sharp = await loadSharp();
 * const thumbnail = await sharp("examples/still-life.jpg").resize(120).png().toBuffer();
 * console.log((await readImageHeader(thumbnail)).width); // 120
 */
export function loadSharp(): Promise<typeof import("sharp").default> {
  opened ??= open();
  return opened;
}

async function open(): Promise<typeof import("sharp").default> {
  const { default: sharp } = await import("sharp");
  sharp.block({ operation: ["VipsForeignLoad"] });
  sharp.unblock({ operation: LOADERS });
  return sharp;
}
