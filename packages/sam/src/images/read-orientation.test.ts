import fc from "fast-check";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { readOrientation } from "./read-orientation.js";

const FORMATS = ["jpeg", "png", "webp", "tiff"] as const;
const ORIENTATIONS = [1, 2, 3, 4, 5, 6, 7, 8] as const;

function fileOf(format: (typeof FORMATS)[number], orientation?: number): Promise<Uint8Array> {
  const image = sharp({ create: { width: 8, height: 6, channels: 3, background: "#345" } });
  const tagged = orientation === undefined ? image : image.withMetadata({ orientation });
  return tagged.toFormat(format).toBuffer();
}

describe.each(FORMATS)("the orientation of a %s", (format) => {
  it("is found, whichever it is", async () => {
    const files = await Promise.all(ORIENTATIONS.map((orientation) => fileOf(format, orientation)));
    expect(files.map(readOrientation)).toEqual(ORIENTATIONS);
  });

  it("is 1 where the file says nothing", async () => {
    expect(readOrientation(await fileOf(format))).toBe(1);
  });

  it("is one of eight in a file that is cut or changed", async () => {
    const file = await fileOf(format, 6);
    fc.assert(
      fc.property(fc.nat(file.length), fc.nat(file.length - 1), fc.nat(255), (end, at, value) => {
        const damaged = Uint8Array.from(file.subarray(0, end));
        if (at < end) damaged[at] = value;
        expect(ORIENTATIONS).toContain(readOrientation(damaged));
      }),
      { numRuns: 300 },
    );
  });
});

it("is 1 for anything else", () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => readOrientation(bytes) >= 1));
  expect(readOrientation(new Uint8Array(0))).toBe(1);
});
