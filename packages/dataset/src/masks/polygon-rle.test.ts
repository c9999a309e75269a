import { encodeRle, maskToPolygons, polygonsToMask } from "@segany/masks";
import fc from "fast-check";
import { expect, it } from "vitest";
import { ringToRle, rleToPolygons } from "./polygon-rle.js";

it("traces in the mask's box what tracing the whole image gives", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { minLength: 42, maxLength: 42 }), (pixels) => {
      const mask = { width: 7, height: 6, data: Uint8Array.from(pixels, Number) };
      expect(rleToPolygons(encodeRle(mask))).toEqual(maskToPolygons(mask));
    }),
  );
});

it("fills in the line's box what filling the whole image gives, also for lines that leave it", () => {
  const size = { width: 7, height: 6 };
  const coordinate = fc.integer({ min: -20, max: 60 }).map((value) => value / 4);
  fc.assert(
    fc.property(fc.array(coordinate, { maxLength: 12 }), (values) => {
      const ring = values.slice(0, values.length & ~1);
      expect(ringToRle(ring, size)).toEqual(encodeRle(polygonsToMask([{ outer: ring, holes: [] }], size)));
    }),
  );
});
