import type { Chunk } from "./chunks.js";
import { cutExif } from "./exif.js";

const SCAN = 0xda;
const COMMENT = 0xfe;
const APP0 = 0xe0;
const EXIF = APP0 + 1;
/** JFIF, colour profiles, and Adobe's marker, which says how colours are stored. */
const KEPT_APPS: ReadonlySet<number> = new Set([APP0, APP0 + 2, APP0 + 14]);
const EXIF_HEAD = "Exif\0\0";
/** A marker, the length and EXIF's head. */
export const EXIF_SEGMENT_HEAD_BYTES = 4 + EXIF_HEAD.length;

/**
 * Returns how to walk the segments before the first scan: texts are dropped, of EXIF the orientation stays.
 */
export function createJpegWalk(bytes: Uint8Array): (at: number) => Chunk {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let hasExif = false;
  return (at) => {
    const marker = bytes[at + 1]!;
    if (bytes[at] !== 0xff || marker === SCAN) return { end: bytes.length, keep: true };
    if (marker === 0xff) return { end: at + 1, keep: true }; // padding
    if (marker === 0x01 || (marker >= 0xd0 && marker <= 0xd9)) return { end: at + 2, keep: true };
    const end = at + 2 + view.getUint16(at + 2);
    if (marker === EXIF) {
      const segment = hasExif ? undefined : exifSegment(bytes.subarray(at, end));
      hasExif ||= segment !== undefined;
      return { end, keep: false, ...(segment && { instead: segment }) };
    }
    const isText = marker === COMMENT || (marker >= APP0 && marker < APP0 + 16 && !KEPT_APPS.has(marker));
    return { end, keep: !isText };
  };
}

function exifSegment(segment: Uint8Array): Uint8Array | undefined {
  const head = EXIF_SEGMENT_HEAD_BYTES;
  if (String.fromCharCode(...segment.subarray(4, head)) !== EXIF_HEAD) return undefined;
  const exif = cutExif(segment.subarray(head));
  return exif && Uint8Array.of(0xff, EXIF, 0, head - 2 + exif.length, ...segment.subarray(4, head), ...exif);
}
