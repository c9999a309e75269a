/** Entry for images without a model: read, write and draw. */
export type { Orientation } from "./images/exif.js";
export { DEFAULT_MAX_PIXELS, type ReadImageOptions } from "./images/image-limits.js";
export { type ImageFormat, type SniffedImage, sniffImage } from "./images/image-signature.js";
export type { Intensity } from "./images/intensity.js";
export { type ImageHeader, readImageHeader } from "./images/node-image-header.js";
export {
  type OpenedImage,
  openImage,
  type ReadImageFileOptions,
  readableImageFormats,
  readImage,
} from "./images/node-images.js";
export { encodeMaskPng, encodePng } from "./images/node-png.js";
export { loadSharp } from "./images/node-sharp.js";
export { drawMasks } from "./render/draw-masks.js";
