import fc from "fast-check";
import { expect, it } from "vitest";
import { cutExif } from "./exif.js";

/** One directory with one entry, in either byte order. */
function block(little: boolean, tag: number, type: number, value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(26));
  view.setUint32(0, little ? 0x49492a00 : 0x4d4d002a);
  view.setUint32(4, 8, little);
  view.setUint16(8, 1, little);
  view.setUint16(10, tag, little);
  view.setUint16(12, type, little);
  view.setUint32(14, 1, little);
  if (type === 1) view.setUint8(18, value);
  else if (type === 3) view.setUint16(18, value, little);
  else view.setUint32(18, value, little);
  return new Uint8Array(view.buffer);
}

it.each([true, false])("keeps an orientation of any whole type, little-endian: %s", (little) => {
  for (const type of [1, 3, 4])
    for (const value of [2, 6, 8])
      expect(cutExif(block(little, 0x0112, type, value))).toEqual(block(true, 0x0112, 3, value));
});

it.each([
  ["another tag", block(true, 0x010f, 3, 6)],
  ["an orientation that changes nothing", block(true, 0x0112, 3, 1)],
  ["a number that is no orientation", block(false, 0x0112, 3, 9)],
  ["a fraction", block(true, 0x0112, 5, 6)],
  ["nothing", new Uint8Array(0)],
])("keeps nothing of a block with %s", (_name, bytes) => {
  expect(cutExif(bytes)).toBeUndefined();
});

it("ends on any bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
      expect([undefined, 26]).toContain(cutExif(bytes)?.length);
    }),
  );
});
