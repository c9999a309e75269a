import { type RgbaImage, SamError } from "@segany/masks";

/**
 * Checks that an image is one: whole, positive sizes and four bytes a pixel.
 *
 * @throws SamError `image-empty` or `image-unreadable`
 */
export function checkImage({ width, height, data }: RgbaImage): void {
  if (!(Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0)) {
    throw new SamError("image-empty", `An image of ${width} x ${height} pixels has nothing in it.`);
  }
  if (data.length !== width * height * 4) {
    throw new SamError(
      "image-unreadable",
      `An RGBA image of ${width} x ${height} pixels has ${width * height * 4} bytes, not ${data.length}.`,
    );
  }
}
