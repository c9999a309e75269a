import fc from "fast-check";
import { expect, it } from "vitest";
import { createProgressCount } from "./generation-progress.js";

it("adds up points and candidates over the crops of an image", () => {
  const count = createProgressCount([100, 25, 25]);
  const total = { cropsTotal: 3, pointsTotal: 150 };
  expect(count.at({ pointsDone: 64, candidates: 7 })).toEqual({
    ...total,
    cropsDone: 0,
    pointsDone: 64,
    candidates: 7,
  });
  count.at({ pointsDone: 100, candidates: 9 });
  count.next();
  expect(count.at({ pointsDone: 16, candidates: 0 })).toEqual({
    ...total,
    cropsDone: 1,
    pointsDone: 116,
    candidates: 9,
  });
  count.next(); // nothing was told of the rest of this crop
  expect(count.at({ pointsDone: 25, candidates: 2 })).toEqual({
    ...total,
    cropsDone: 2,
    pointsDone: 150,
    candidates: 11,
  });
});

it("never goes back, and ends at all points", () => {
  const crops = fc.array(fc.record({ points: fc.integer({ min: 1, max: 9 }), finds: fc.nat(3) }), {
    minLength: 1,
  });
  fc.assert(
    fc.property(crops, (searched) => {
      const count = createProgressCount(searched.map(({ points }) => points));
      const seen = searched.flatMap(({ points, finds }) => {
        const ofCrop = Array.from({ length: points }, (_, i) =>
          count.at({ pointsDone: i + 1, candidates: finds * (i + 1) }),
        );
        count.next();
        return ofCrop;
      });
      seen.slice(1).forEach((progress, i) => {
        expect(progress.pointsDone).toBe(seen[i]!.pointsDone + 1);
        expect(progress.candidates).toBeGreaterThanOrEqual(seen[i]!.candidates);
      });
      expect(seen.at(-1)!.pointsDone).toBe(seen.at(-1)!.pointsTotal);
      expect(seen.at(-1)!.candidates).toBe(
        searched.reduce((sum, { points, finds }) => sum + points * finds, 0),
      );
    }),
  );
});
