/** For tests: small files that cost their decoders much. */
import { crc32, deflateSync } from "node:zlib";

/** An SVG of some megabytes, each of which costs an SVG reader 40. */
export function svgBomb(bytes: number): Buffer {
  const shape = '<rect width="9" height="9"/>';
  return Buffer.from(`${SVG_HEAD}${shape.repeat(Math.floor(bytes / shape.length))}</svg>`);
}

const SVG_HEAD = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9">';

/** A PNG of 4 x 4 pixels with packed texts, each of which unfolds to a thousand times its size. */
export function textBomb(type: "zTXt" | "iTXt", count: number): Buffer {
  const packed = deflateSync(Buffer.alloc(7_900_000, "A"), { level: 9 });
  const head = type === "zTXt" ? "k\0\0" : "k\0\x01\0\0\0";
  const text = chunk(type, Buffer.concat([Buffer.from(head, "latin1"), packed]));
  const header = Buffer.from([0, 0, 0, 4, 0, 0, 0, 4, 8, 2, 0, 0, 0]);
  const rows = deflateSync(Buffer.alloc((1 + 4 * 3) * 4));
  return Buffer.concat([
    Buffer.from("89504e470d0a1a0a", "hex"),
    chunk("IHDR", header),
    ...Array<Buffer>(count).fill(text),
    chunk("IDAT", rows),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, content: Uint8Array): Buffer {
  const frame = Buffer.alloc(12 + content.length);
  frame.writeUInt32BE(content.length, 0);
  frame.write(type, 4, "latin1");
  frame.set(content, 8);
  frame.writeUInt32BE(crc32(frame.subarray(4, -4)), frame.length - 4);
  return frame;
}

/** A TIFF of one pixel whose chain of pages has `count` links. */
export function pageBomb(count: number): Buffer {
  const entries = [
    [256, 3, 1],
    [257, 3, 1],
    [258, 3, 8],
    [262, 3, 1],
    [273, 4, 0],
    [279, 4, 1],
  ] as const;
  const pageBytes = 2 + 12 * entries.length + 4;
  const file = Buffer.alloc(8 + count * pageBytes);
  file.write("II*\0", "latin1");
  file.writeUInt32LE(8, 4);
  for (let page = 0; page < count; page++) {
    const at = 8 + page * pageBytes;
    file.writeUInt16LE(entries.length, at);
    for (const [i, [tag, type, value]] of entries.entries()) {
      file.writeUInt16LE(tag, at + 2 + 12 * i);
      file.writeUInt16LE(type, at + 4 + 12 * i);
      file.writeUInt32LE(1, at + 6 + 12 * i);
      file.writeUInt32LE(value, at + 10 + 12 * i);
    }
    file.writeUInt32LE(page < count - 1 ? at + pageBytes : 0, at + pageBytes - 4);
  }
  return file;
}
