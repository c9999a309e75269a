import {
  type BoxXywh,
  type BoxXyxy,
  cropRle,
  decodeRle,
  type Mask,
  type Point,
  type RgbaImage,
  type Rle,
  rleToBoxXywh,
  type Size,
} from "@segany/masks";

/** The part of an image that a case is about, and how many times its pixels are enlarged. */
export interface CaseWindow {
  readonly boxXywh: BoxXywh;
  readonly scale: number;
}

/** Shorter sides would show an object without what is around it. */
const SHORTEST_SIDE_PX = 48;
/** An enlarged part comes near to this, and is never longer. */
const PANEL_SIDE_PX = 480;

/** A square around an object with as much again on each side; the whole image when that is most of it. */
export function caseWindow({ width, height }: Size, object: Rle): CaseWindow {
  const [x, y, objectWidth, objectHeight] = rleToBoxXywh(object);
  const side = Math.max(SHORTEST_SIDE_PX, 3 * Math.max(objectWidth, objectHeight));
  if (objectWidth === 0 || 2 * side > PANEL_SIDE_PX || side >= Math.min(width, height)) {
    return { boxXywh: [0, 0, width, height], scale: 1 };
  }
  const start = (from: number, extent: number, whole: number) =>
    Math.max(0, Math.min(whole - side, Math.round(from + (extent - side) / 2)));
  const boxXywh: BoxXywh = [start(x, objectWidth, width), start(y, objectHeight, height), side, side];
  return { boxXywh, scale: Math.floor(PANEL_SIDE_PX / side) };
}

/** The window's pixels, each as a square. */
export function enlargeImage(image: RgbaImage, { boxXywh, scale }: CaseWindow): RgbaImage {
  if (scale === 1) return image;
  const [left, top, width, height] = boxXywh;
  const size = { width: width * scale, height: height * scale };
  const data = new Uint8ClampedArray(4 * size.width * size.height);
  for (let y = 0, at = 0; y < size.height; y++) {
    const row = (top + Math.floor(y / scale)) * image.width + left;
    for (let x = 0; x < size.width; x++, at += 4) {
      const from = 4 * (row + Math.floor(x / scale));
      for (let channel = 0; channel < 4; channel++) data[at + channel] = image.data[from + channel]!;
    }
  }
  return { ...size, data };
}

/** The window's part of a mask, enlarged like the image. */
export function enlargeMask(rle: Rle, { boxXywh, scale }: CaseWindow): Mask {
  const { width, height, data } = decodeRle(cropRle(rle, boxXywh));
  const size = { width: width * scale, height: height * scale };
  const enlarged = Uint8Array.from(
    { length: size.width * size.height },
    (_, i) => data[Math.floor(i / size.width / scale) * width + Math.floor((i % size.width) / scale)]!,
  );
  return { ...size, data: enlarged };
}

/** Where the middle of a pixel (x, y) of the image is, as a pixel of the enlarged window. */
export function enlargePoint([x, y]: Point, { boxXywh, scale }: CaseWindow): Point {
  return [(x - boxXywh[0] + 0.5) * scale - 0.5, (y - boxXywh[1] + 0.5) * scale - 0.5];
}

/** A box of the image in pixels of the enlarged window. */
export function enlargeBox([x0, y0, x1, y1]: BoxXyxy, { boxXywh, scale }: CaseWindow): BoxXyxy {
  const [left, top] = boxXywh;
  return [(x0 - left) * scale, (y0 - top) * scale, (x1 - left) * scale, (y1 - top) * scale];
}
