import { type RgbaImage, SamError } from "@segany/masks";

/**
 * Validates an image: integer, positive sizes and four bytes per pixel.
 *
 * @throws SamError `image-empty` or `image-unreadable`
 */
export function checkImage({ width, height, data }: RgbaImage): void {
  if (!(Number.isInteger(width) && Number.isInteger(height) && width > 0 && height > 0)) {
    throw new SamError("image-empty", `An image of ${width} x ${height} pixels is empty.`);
  }
  if (data.length !== width * height * 4) {
    throw new SamError(
      "image-unreadable",
      `An RGBA image of ${width} x ${height} pixels must have ${width * height * 4} bytes, not ${data.length}.`,
    );
  }
}
