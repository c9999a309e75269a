import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { haveSharedFiles, sharedFile } from "../../../scripts/testing/shared-files.mjs";
import { parseRle } from "./read-rle.js";
import { compressRle, decodeRle, decompressRle, encodeRle, maskToUncompressedRle } from "./rle.js";
import { rleArea, rleToBoxXywh } from "./rle-operations.js";
import { hostileRleCase } from "./testing/hostile-rles.js";
import { maskArbitrary, maskOf, noiseMask } from "./testing/masks.js";
import { slowCounts } from "./testing/slow-masks.js";
import type { AnyRle, Rle } from "./types.js";

interface Vector {
  readonly segmentation: Rle;
  readonly counts_uncompressed: number[];
  readonly area: number;
  readonly bbox: number[];
}

const vectorFile = "data/coco_rle_vectors/vectors.json";

describe("COCO RLE", () => {
  it("codes a hand-computed mask column by column", () => {
    const mask = maskOf(["011", "010", "110"]);
    // Columns from the top: 0 0 1, 1 1 1, 1 0 0.
    expect(maskToUncompressedRle(mask)).toEqual({ size: [3, 3], counts: [2, 5, 2] });
    expect(encodeRle(mask)).toEqual({ size: [3, 3], counts: "252" });
    expect(decodeRle({ size: [3, 3], counts: "252" })).toEqual(mask);
  });

  it("writes the difference to two runs before from the fourth run on, with sign and continuation", () => {
    // 5; 3; 40 = 8 + 1 * 32; 3 - 3 = 0; 1 - 40 = -39 = 25 - 2 * 32.
    expect(compressRle({ size: [52, 1], counts: [5, 3, 40, 3, 1] }).counts).toBe("53X10iN");
  });

  it("codes any mask as the plain scan does, and back", () => {
    fc.assert(
      fc.property(maskArbitrary, (mask) => {
        const runs = maskToUncompressedRle(mask);
        expect(runs).toEqual({ size: [mask.height, mask.width], counts: slowCounts(mask) });
        expect(decodeRle(runs)).toEqual(mask);
        const rle = encodeRle(mask);
        expect(rle).toEqual(compressRle(runs));
        expect(decompressRle(rle)).toEqual(runs);
        expect(decodeRle(rle)).toEqual(mask);
      }),
      { numRuns: 500 },
    );
  });

  it("codes large noise, and masks that lie anywhere in a buffer", () => {
    const large = noiseMask(143, 98, 0.5);
    expect(maskToUncompressedRle(large).counts).toEqual(slowCounts(large));
    expect(decodeRle(encodeRle(large))).toEqual(large);
    const buffer = new Uint8Array(large.data.length + 3);
    buffer.set(large.data, 3);
    expect(encodeRle({ ...large, data: buffer.subarray(3) })).toEqual(encodeRle(large));
  });

  it("packs and unpacks any run lengths, empty runs included", () => {
    const counts = fc.array(fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 2 ** 24 })), {
      minLength: 1,
      maxLength: 40,
    });
    fc.assert(
      fc.property(counts, (list) => {
        const rle = { size: [1, list.reduce((sum, run) => sum + run, 0)] as const, counts: list };
        expect(decompressRle(compressRle(rle))).toEqual(rle);
      }),
    );
  });

  it("codes images without pixels", () => {
    const empty = { width: 0, height: 5, data: new Uint8Array(0) };
    expect(encodeRle(empty)).toEqual({ size: [5, 0], counts: "0" });
    expect(decodeRle({ size: [5, 0], counts: "0" })).toEqual(empty);
  });

  it("refuses a mask with other values than 0 and 1, or of the wrong length", () => {
    const data = Uint8Array.of(0, 1, 255, 0);
    expect(() => encodeRle({ width: 2, height: 2, data })).toThrow(/value 255 at column 0, row 1/);
    expect(() => encodeRle({ width: 3, height: 2, data })).toThrow(/needs 6 bytes, but its data has 4/);
  });

  it.skipIf(!haveSharedFiles(vectorFile))(
    "agrees with all reference vectors in both directions, area and box",
    () => {
      const { vectors } = JSON.parse(readFileSync(sharedFile(vectorFile), "utf8")) as { vectors: Vector[] };
      expect(vectors).toHaveLength(92);
      for (const { segmentation, counts_uncompressed, area, bbox } of vectors) {
        const runs = { size: segmentation.size, counts: counts_uncompressed };
        expect(decompressRle(segmentation)).toEqual(runs);
        expect(compressRle(runs)).toEqual(segmentation);
        const mask = decodeRle(segmentation);
        expect(encodeRle(mask)).toEqual(segmentation);
        expect(maskToUncompressedRle(mask)).toEqual(runs);
        expect(rleArea(segmentation)).toBe(area);
        expect(rleToBoxXywh(segmentation)).toEqual(bbox);
      }
    },
  );
});

describe("RLE from outside", () => {
  it("is given back without other properties", () => {
    expect(parseRle({ size: [3, 3], counts: "252", id: 7 })).toEqual({ size: [3, 3], counts: "252" });
    expect(parseRle({ size: [3, 3], counts: [2, 0, 0, 5, 2] })).toEqual({
      size: [3, 3],
      counts: [2, 0, 0, 5, 2],
    });
  });

  it.each([
    ["nothing", null, /not an object/],
    ["text", "252", /not an object/],
    ["no size", { counts: "252" }, /not an object with "size" and "counts"/],
    ["a size of three", { size: [3, 3, 1], counts: "9" }, /not \[height, width\]/],
    ["a size in text", { size: ["3", 3], counts: "9" }, /not \[height, width\]/],
    ["a fraction", { size: [4.5, 2], counts: "9" }, /not two whole numbers/],
    ["a negative size", { size: [-3, -3], counts: "9" }, /not two whole numbers/],
    ["a NaN size", { size: [Number.NaN, 3], counts: "9" }, /not two whole numbers/],
    ["a huge size", { size: [2 ** 16, 2 ** 16], counts: "9" }, /more than the 1073741824 pixels allowed/],
    ["other counts", { size: [3, 3], counts: 9 }, /neither COCO's string nor a list/],
    ["runs in text", { size: [3, 3], counts: ["9"] }, /run 0 is 9, not a whole number/],
    ["a negative run", { size: [3, 3], counts: [10, -1] }, /run 1 is -1/],
    ["a fraction of a run", { size: [3, 3], counts: [8.5, 0.5] }, /run 0 is 8.5/],
    ["runs with a gap", { size: [1, 1], counts: new Array(1) }, /run 0 is undefined/],
    ["too few pixels", { size: [3, 3], counts: [2, 5] }, /cover 7 pixels.*has 9/],
    ["too many pixels", { size: [3, 3], counts: "253" }, /cover 10 pixels.*has 9/],
    ["no runs", { size: [3, 3], counts: "" }, /cover 0 pixels/],
    ["an end in mid-run", { size: [3, 3], counts: "25R" }, /cut off in the last run/],
    ["a strange character", { size: [3, 3], counts: "2 5" }, /character 1 of the counts, " "/],
    ["a longer way to write 2", { size: [3, 3], counts: "R052" }, /more characters than needed/],
    ["a longer way to write -1", { size: [8, 1], counts: "313oO1" }, /more characters than needed/],
    ["a run that would be negative", { size: [3, 3], counts: "25O" }, /its length would be -1/],
    ["a value without end", { size: [3, 3], counts: "P".repeat(100) }, /more than 7 characters/],
  ])("is refused when it is %s", (_, value, message) => {
    expect(() => parseRle(value, "masks.json, annotation 3")).toThrow(message);
    expect(() => parseRle(value, "masks.json, annotation 3")).toThrow(/^masks.json, annotation 3: /);
    expect(() => parseRle(value)).toThrow(expect.objectContaining({ code: "rle-invalid" }));
  });

  it("is refused beyond the caller's own limit", () => {
    expect(() => parseRle({ size: [10, 10], counts: [100] }, "It", { maxPixels: 99 })).toThrow(
      /99 pixels allowed/,
    );
  });

  // A few bytes that rightly claim a gigapixel: decoding them would take a gigabyte.
  const gigapixel = compressRle({ size: [2 ** 15, 2 ** 15], counts: [2 ** 30] });
  const size = { width: 3, height: 4 };
  it.each<[string, AnyRle]>([
    ["a gigapixel", gigapixel],
    ["a gigapixel as a list", { size: [2 ** 15, 2 ** 15], counts: [2 ** 30] }],
    ["more than any image", { size: [40_000, 40_000], counts: "9" }],
    ["the sides the wrong way round", { size: [3, 4], counts: "<" }],
    ["a column more", { size: [4, 4], counts: "@0" }],
    ["damaged counts of another size", { size: [1, 1], counts: "~" }],
  ])("is refused by its size, before its runs are read, when the image has another: %s", (_, rle) => {
    const message = /size \[\d+, \d+\] is not the image's \[height 4, width 3\]/;
    expect(() => decodeRle(rle, { size })).toThrow(message);
    expect(() => parseRle(rle, "It", { size })).toThrow(message);
  });

  it("of the image's size is taken", () => {
    expect(decodeRle({ size: [4, 3], counts: "<" }, { size })).toEqual({ ...size, data: new Uint8Array(12) });
  });

  it.each<[string, AnyRle]>([
    ["in a string", { size: [3, 3], counts: "0".repeat(1e6) }],
    ["in a list", { size: [3, 3], counts: new Array(1000).fill(0) }],
  ])("is refused by its length when it has more runs than pixels can need: %s", (_, rle) => {
    expect(() => parseRle(rle)).toThrow(/counts of length \d+ are more than 9 pixels can need/);
  });

  it("is read no further than to where its runs pass its size", () => {
    expect(() => parseRle({ size: [3, 3], counts: "999~" })).toThrow(/cover 18 pixels/);
  });

  it("never crashes, hangs or succeeds wrongly on 1,000 mutated strings", () => {
    const outcomes = Array.from({ length: 1000 }, (_, seed) => hostileRleCase(seed));
    expect(outcomes.filter((outcome) => outcome === "refused").length).toBeGreaterThan(500);
    expect(outcomes.filter((outcome) => outcome === "accepted").length).toBeGreaterThan(0);
  });
});
