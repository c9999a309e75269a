/** For tests: the project's own image, and small painted ones. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { deflateSync } from "node:zlib";
import { encodePng } from "@segany/sam";

/** The still life's file: 1200 x 800. */
export const stillLife: Buffer = readFileSync(
  fileURLToPath(new URL("../../../examples/still-life.jpg", import.meta.url)),
);

/** An image of `fixtures/pillow`. */
export function pillowImage(name: string): Buffer {
  return readFileSync(fileURLToPath(new URL(`../../../fixtures/pillow/${name}`, import.meta.url)));
}

/** A PNG with a disc on a gradient; another one for every seed. */
export async function paintImage(seed: number, { width = 96, height = 64 } = {}): Promise<Uint8Array> {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    const inside = Math.hypot(x - width / 3 - (seed % 17), y - height / 2) < height / 4;
    data.set(
      inside ? [220, 60, (seed * 40) % 256, 255] : [(x * 2) % 256, (y * 3 + seed) % 256, 90, 255],
      4 * i,
    );
  }
  return encodePng({ width, height, data });
}

/** A whole black PNG of one bit a pixel: some kilobytes, whatever it unpacks to. */
export function paintBomb(width: number, height: number): Buffer {
  return pngOf(width, height, deflateSync(Buffer.alloc((Math.ceil(width / 8) + 1) * height), { level: 9 }));
}

/** A PNG that claims a size and has no pixels to go with it. */
export function paintClaim(width: number, height: number): Buffer {
  return pngOf(width, height, deflateSync(Buffer.alloc(100)));
}

function pngOf(width: number, height: number, rows: Buffer): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 1; // bits a sample; greyscale, deflate, no interlacing are zeros
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  return Buffer.concat([
    signature,
    chunk("IHDR", header),
    chunk("IDAT", rows),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** CRC-32 of PNG's appendix D, bit by bit. */
function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return (crc ^ 0xffffffff) >>> 0;
}
