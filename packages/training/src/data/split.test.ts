import fc from "fast-check";
import { expect, it } from "vitest";
import { splitSamples, type ValidationSplit } from "./split.js";

const named = (count: number) =>
  Array.from({ length: count }, (_, i) => ({ fileName: `${String(i).padStart(4, "0")}.png` }));
const names = (samples: readonly { readonly fileName: string }[]) =>
  samples.map(({ fileName }) => Number(fileName.slice(0, 4)));

it("validates with every so many images from the first, or with the last ones", () => {
  expect(names(splitSamples(named(8), { every: 3 }).validation)).toEqual([0, 3, 6]);
  expect(names(splitSamples(named(8), { every: 3 }).train)).toEqual([1, 2, 4, 5, 7]);
  expect(names(splitSamples(named(15), { last: 5 }).validation)).toEqual([10, 11, 12, 13, 14]);
});

it("validates with a share at random, the same for the same seed", () => {
  const split = (seed: number) => names(splitSamples(named(100), { share: 0.2, seed }).validation);
  expect(split(1)).toHaveLength(20);
  expect(split(1)).toEqual(split(1));
  expect(split(1)).not.toEqual(split(2));
  const counts = new Array<number>(10).fill(0);
  for (let seed = 0; seed < 2000; seed++)
    for (const i of names(splitSamples(named(10), { share: 0.3, seed }).validation)) counts[i]!++;
  for (const count of counts) expect(Math.abs(count / 2000 - 0.3)).toBeLessThan(0.04);
});

it("keeps all samples, their order, and those of one file together", () => {
  const splits = fc.oneof(
    fc.record({ every: fc.integer({ min: 2, max: 5 }) }),
    fc.record({ last: fc.constant(1) }),
    fc.record({ share: fc.double({ min: 0.01, max: 0.99, noNaN: true }), seed: fc.integer() }),
  );
  fc.assert(
    fc.property(fc.integer({ min: 2, max: 30 }), splits, (count, split: ValidationSplit) => {
      const samples = named(count).flatMap((sample) => [sample, { ...sample }]);
      const { train, validation } = splitSamples(samples, split);
      expect(train.length).toBeGreaterThan(0);
      expect(validation.length).toBeGreaterThan(0);
      expect([...train, ...validation].sort((a, b) => samples.indexOf(a) - samples.indexOf(b))).toEqual(
        samples,
      );
      expect(train).toEqual(samples.filter((sample) => train.includes(sample)));
      const inTrain = new Set(names(train));
      expect(names(validation).filter((name) => inTrain.has(name))).toEqual([]);
    }),
  );
});

it.each<[number, ValidationSplit]>([
  [1, { share: 0.5, seed: 1 }],
  [1, { every: 2 }],
  [5, { every: 1 }],
  [5, { every: 0 }],
  [5, { every: 1.5 }],
  [5, { last: 5 }],
  [5, { last: 0 }],
  [5, { last: -1 }],
  [5, { share: 0, seed: 1 }],
  [5, { share: 1, seed: 1 }],
  [5, { share: Number.NaN, seed: 1 }],
  [0, { last: 1 }],
])("refuses to split %i images by %j", (count, split) => {
  expect(() => splitSamples(named(count), split)).toThrow(
    expect.objectContaining({ code: "option-invalid" }),
  );
});
