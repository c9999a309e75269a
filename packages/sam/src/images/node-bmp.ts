/** Reads BMP files, for which libvips has no loader. */
import { type RgbaImage, SamError, type Size } from "@segany/masks";

/** Bytes up to the colour depth in the header that all but OS/2's first version have. */
const HEADER_BYTES = 30;

/** @throws SamError `image-unreadable` for a file without a Windows header */
export function bmpSize(bytes: Uint8Array, name: string): Size {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEADER_BYTES || view.getUint32(14, true) < 40)
    throw new SamError(
      "image-unreadable",
      `${name} is a BMP with a header that is cut or of OS/2's first version; convert it to PNG first.`,
    );
  // Rows are stored upwards, or downwards where the height is negative.
  return { width: view.getInt32(18, true), height: Math.abs(view.getInt32(22, true)) };
}

/**
 * Decodes a BMP: 1, 4, 8 (run lengths too), 16, 24 or 32 bits per pixel. Its fourth channel has no agreed
 * meaning, so the image is opaque.
 *
 * @throws Error of the decoder
 */
export async function decodeBmp(bytes: Uint8Array): Promise<RgbaImage<ArrayBuffer>> {
  const { decode } = await import("bmp-ts");
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const { width, height, data: abgr } = decode(buffer); // `toRGBA` is ignored for palettes
  const data = new Uint8ClampedArray(abgr.length).fill(255);
  for (let at = 0; at < data.length; at += 4)
    for (let channel = 0; channel < 3; channel++) data[at + channel] = abgr[at + 3 - channel]!;
  return { width, height: Math.abs(height), data };
}
