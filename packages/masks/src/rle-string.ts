import { SamError } from "./errors.js";

// COCO's printable coding: from the fourth run on the difference to two runs before is written, in groups of
// five bits, lowest first, as characters from "0" (48) to "o" (111). Bit 5 says that more follows; the top
// bit of the last group carries the sign.
const firstCharacter = 48;
const more = 32;
const sign = 16;
/**
 * The most characters a run is written with: 7 groups hold 35 bits, any difference of two run lengths below
 * 2^32.
 */
export const maxGroups = 7;

/**
 * Writes run lengths in COCO's compressed coding, byte for byte as the COCO tools do.
 *
 * @param runs column-major run lengths, the first counting outside pixels
 */
export function packCounts(runs: Uint32Array): string {
  const characters = new Uint8Array(runs.length * maxGroups);
  let length = 0;
  for (let i = 0; i < runs.length; i++) {
    let value = i > 2 ? runs[i]! - runs[i - 2]! : runs[i]!;
    for (;;) {
      // Runs reach 2^30 and differences fit 32 bits, so bit operations are exact.
      const group = value & 31;
      value >>= 5;
      const last = group & sign ? value === -1 : value === 0;
      characters[length++] = firstCharacter + (last ? group : group | more);
      if (last) break;
    }
  }
  return toText(characters.subarray(0, length));
}

function toText(characters: Uint8Array): string {
  // One call takes its arguments from the stack, so long strings are built in pieces.
  const piece = 8192;
  let text = "";
  for (let i = 0; i < characters.length; i += piece) {
    text += String.fromCharCode(...characters.subarray(i, i + piece));
  }
  return text;
}

/**
 * Reads COCO's compressed coding. Strict: it accepts only what `packCounts` writes, so reading and writing
 * again gives the same string; the COCO tools read a damaged string without complaint.
 *
 * @param where what to call the RLE in an error message
 * @param pixels that the runs cover together; reading ends where they are passed
 * @throws SamError `rle-invalid` for other characters, a cut-off string, a negative run, or a value in more
 *   groups than it needs
 */
export function unpackCounts(text: string, where: string, pixels: number): Uint32Array {
  const runs = new Uint32Array(text.length);
  let count = 0;
  let sum = 0;
  let at = 0;
  while (at < text.length && sum <= pixels) {
    const start = at;
    let value = 0;
    let scale = 1;
    let group = more;
    while (group & more) {
      group = text.charCodeAt(at++) - firstCharacter;
      // Past the end charCodeAt gives NaN, which fails this test too.
      if (!(group >= 0 && group < 64)) throw invalidCharacter(text, at - 1, where);
      if (at - start > maxGroups)
        throw damaged(where, count, `its value has more than ${maxGroups} characters`);
      value += (group & 31) * scale;
      scale *= 32;
    }
    if (group & sign) value -= scale;
    if (at - start > 1 && isPadding(group, text.charCodeAt(at - 2) - firstCharacter)) {
      throw damaged(where, count, "its value is written with more characters than needed");
    }
    if (count > 2) value += runs[count - 2]!;
    if (value < 0 || value > 0xffffffff) throw damaged(where, count, `its length would be ${value}`);
    runs[count++] = value;
    sum += value;
  }
  return runs.slice(0, count);
}

/** A last group of only sign bits says nothing when the group before it ends in the same sign. */
function isPadding(last: number, before: number): boolean {
  return (last === 0 && (before & sign) === 0) || (last === 31 && (before & sign) !== 0);
}

function invalidCharacter(text: string, at: number, where: string): SamError {
  if (at >= text.length)
    return new SamError("rle-invalid", `${where}: the counts are cut off in the last run.`);
  return new SamError(
    "rle-invalid",
    `${where}: character ${at} of the counts, ${JSON.stringify(text[at])}, is not one of COCO's coding.`,
  );
}

function damaged(where: string, run: number, reason: string): SamError {
  return new SamError("rle-invalid", `${where}: run ${run} is damaged, ${reason}.`);
}
