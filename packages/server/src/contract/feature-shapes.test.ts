import fc from "fast-check";
import { expect, test } from "vitest";
import { readFeatureShapes, writeFeatureShapes } from "./feature-shapes.js";

const shapes = fc.dictionary(
  fc.stringMatching(/^[a-z][\w.-]{0,12}$/),
  fc.array(fc.integer({ min: 1, max: 4096 }), { minLength: 1, maxLength: 4 }),
  { minKeys: 1, maxKeys: 4 },
);

test("shapes come back from a header, in their order", () => {
  expect(writeFeatureShapes({ low: [1, 2, 4, 4], high: [1, 1, 8, 8] })).toBe("low=1,2,4,4; high=1,1,8,8");
  fc.assert(
    fc.property(shapes, (each) => {
      const read = readFeatureShapes(writeFeatureShapes(each))!;
      expect(Object.entries(read)).toEqual(Object.entries(each));
    }),
  );
});

test.each(["", "1,256,64,64", "a=", "a=1,x", "a=-1,2", "a=1,0", "a=1;", "=1,2", "a=1,,2", "a b=1"])(
  "%j is no list of shapes",
  (text) => {
    expect(readFeatureShapes(text)).toBeUndefined();
  },
);
