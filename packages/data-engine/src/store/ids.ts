import { randomBytes } from "node:crypto";

let lastMs = 0;
let sequence = 0;

/**
 * A UUID of version 7: the order of ids that one process makes is the order of their creation, and between
 * processes it is so to the millisecond.
 *
 * @param now milliseconds since 1970
 */
export function newId(now: number = Date.now()): string {
  sequence = now === lastMs ? sequence + 1 : 0;
  lastMs = now;
  const bytes = randomBytes(16);
  // More than 4,096 ids in one millisecond take the time of the next ones.
  bytes.writeUIntBE(now + (sequence >> 12), 0, 6);
  bytes.writeUInt16BE(0x7000 | (sequence & 0xfff), 6);
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
