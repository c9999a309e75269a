/** The one place where sharp (libvips) is loaded. */

/** libvips loads what it takes a file for. These are the loaders for `IMAGE_FORMATS`; all others are switched off. */
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
 * Opens sharp when an image is first read or written: it takes a tenth of a second that prompts on an embedding spare.
 *
 * libvips is one for the whole process. From here on it has no loader but those for the formats of `readImage`, for
 * this library and for everyone else: SVG, PDF, ImageMagick's formats and more would draw for hours, or fetch files.
 * A program that needs another one of its own asks sharp for it after the first call (`sharp.unblock`).
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
