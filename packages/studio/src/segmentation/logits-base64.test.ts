import { assert, float32Array, property } from "fast-check";
import { expect, it } from "vitest";
import { fromBase64, toBase64 } from "./logits-base64.js";

it("is the little-endian bytes in base64", () => {
  const logits = Float32Array.of(1, -2);
  expect(toBase64(logits)).toBe(Buffer.from([0, 0, 128, 63, 0, 0, 0, 192]).toString("base64"));
});

it("comes back bit by bit, of any length and from the middle of memory", () => {
  assert(
    property(float32Array({ maxLength: 300 }), (logits) => {
      expect(fromBase64(toBase64(logits))).toEqual(logits);
      expect(fromBase64(toBase64(logits.subarray(1)))).toEqual(logits.slice(1));
    }),
  );
  const whole = Float32Array.from({ length: 256 * 256 }, (_, i) => i / 7);
  expect(fromBase64(toBase64(whole))).toEqual(whole);
});
