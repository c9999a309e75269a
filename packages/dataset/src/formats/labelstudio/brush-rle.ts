/** The run lengths of Label Studio's brush: numbers of few bits, packed, of an image of 4 bytes a pixel. */
import { encodeRle, type Rle, type Size } from "@segany/masks";
import { DatasetError } from "../../errors.js";

/**
 * Unpacks a brush's mask: pixels whose alpha is not 0. The list has bytes: how many values there are (32 bits), how long a value is
 * and four lengths of counts; then a bit that says whether one value repeats or many follow, a length, a count.
 *
 * @throws DatasetError `annotation-invalid` for a list that doesn't fill the image
 */
export function decodeBrush(bytes: readonly unknown[], { width, height }: Size, where: string): Rle {
  const data = new Uint8Array(width * height);
  const total = 4 * width * height;
  const reader = createBitReader(bytes, where);
  const count = reader.read(32);
  if (count !== total)
    throw invalid(where, `it has ${count} values, but an image of ${width} x ${height} pixels has ${total}`);
  const valueBits = reader.read(5) + 1;
  const lengthBits = Array.from({ length: 4 }, () => reader.read(4) + 1);
  const put = (at: number, value: number): void => {
    if (at % 4 === 3 && value !== 0) data[at >> 2] = 1;
  };
  for (let at = 0; at < total; ) {
    const isRun = reader.read(1) === 1;
    const end = at + reader.read(lengthBits[reader.read(2)]!) + 1;
    if (end > total) throw invalid(where, "its runs are longer than the image");
    const repeated = isRun ? reader.read(valueBits) : 0;
    for (; at < end; at++) put(at, isRun ? repeated : reader.read(valueBits));
  }
  return encodeRle({ width, height, data });
}

function createBitReader(bytes: readonly unknown[], where: string): { read(bits: number): number } {
  let at = 0;
  return {
    read(bits) {
      let value = 0;
      for (let i = 0; i < bits; i++, at++) {
        const byte = bytes[at >> 3];
        if (typeof byte !== "number" || !(byte >= 0 && byte <= 255))
          throw invalid(where, "it ends too early");
        value = value * 2 + ((byte >> (7 - (at & 7))) & 1);
      }
      return value;
    },
  };
}

function invalid(where: string, reason: string): DatasetError {
  return new DatasetError("annotation-invalid", `${where}: not a usable brush: ${reason}.`);
}
