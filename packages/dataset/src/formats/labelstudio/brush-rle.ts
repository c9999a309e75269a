/** The run lengths of Label Studio's brush: numbers of few bits, packed, of an image of 4 bytes a pixel. */
import { decodeRle, encodeRle, type Rle, type Size } from "@segany/masks";
import { DatasetError } from "../../errors.js";

/**
 * Unpacks a brush's mask: pixels whose alpha is not 0. The list has bytes: how many values there are (32
 * bits), how long a value is and four lengths of counts; then a bit that says whether one value repeats or
 * many follow, a length, a count.
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

/** Lengths of counts, in bits; the shortest that fits is taken. */
const COUNT_BITS = [4, 8, 12, 16] as const;
const VALUE_BITS = 8;

/** Packs a mask as `decodeBrush` unpacks it, inside pixels opaque white. */
export function encodeBrush(segmentation: Rle): number[] {
  const { width, height, data } = decodeRle(segmentation);
  const writer = createBitWriter();
  writer.write(4 * width * height, 32);
  writer.write(VALUE_BITS - 1, 5);
  for (const bits of COUNT_BITS) writer.write(bits - 1, 4);
  const putRun = (value: number, length: number): void => {
    const most = 2 ** COUNT_BITS[3];
    for (let rest = length; rest > 0; rest -= most) {
      const count = Math.min(rest, most) - 1;
      const which = COUNT_BITS.findIndex((bits) => count < 2 ** bits);
      writer.write(1, 1);
      writer.write(which, 2);
      writer.write(count, COUNT_BITS[which]!);
      writer.write(value, VALUE_BITS);
    }
  };
  let start = 0;
  for (let i = 1; i <= data.length; i++) {
    if (i < data.length && data[i] === data[start]) continue;
    putRun(data[start]! * 255, 4 * (i - start));
    start = i;
  }
  return writer.bytes();
}

function createBitWriter(): { write(value: number, bits: number): void; bytes(): number[] } {
  const bytes: number[] = [];
  let at = 0;
  return {
    write(value, bits) {
      for (let bit = bits - 1; bit >= 0; bit--, at++) {
        if ((at & 7) === 0) bytes.push(0);
        if (Math.floor(value / 2 ** bit) % 2 === 1) bytes[at >> 3]! |= 128 >> (at & 7);
      }
    },
    bytes: () => bytes,
  };
}
