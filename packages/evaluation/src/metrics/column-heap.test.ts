import fc from "fast-check";
import { expect, it } from "vitest";
import { createColumnHeap } from "./column-heap.js";

it("gives columns by distance, smallest first", () => {
  const heap = createColumnHeap();
  for (const distance of [5, 3, 8, 1, 9, 2, 7]) heap.push(10 * distance, distance);
  const popped = Array.from({ length: 7 }, () => heap.pop());
  expect(popped).toEqual([10, 20, 30, 50, 70, 80, 90]);
  expect(heap.topDistance()).toBe(Number.POSITIVE_INFINITY);
});

it("forgets what is in it when it is cleared", () => {
  const heap = createColumnHeap();
  heap.push(1, 4);
  heap.push(2, 3);
  heap.clear();
  expect(heap.topDistance()).toBe(Number.POSITIVE_INFINITY);
  heap.push(3, 6);
  expect(heap.topDistance()).toBe(6);
  expect(heap.pop()).toBe(3);
});

it("gives a column of the smallest distance whatever is pushed and popped", () => {
  // A number is pushed, null pops.
  const steps = fc.array(fc.option(fc.integer({ min: 0, max: 20 }), { freq: 3 }), { maxLength: 60 });
  fc.assert(
    fc.property(steps, (list) => {
      const heap = createColumnHeap();
      const distanceOf: number[] = [];
      const inside: number[] = [];
      const takeSmallest = () => {
        const smallest = Math.min(...inside);
        expect(heap.topDistance()).toBe(smallest);
        expect(distanceOf[heap.pop()]).toBe(smallest);
        inside.splice(inside.indexOf(smallest), 1);
      };
      for (const distance of list) {
        if (distance === null) {
          if (inside.length > 0) takeSmallest();
          continue;
        }
        heap.push(distanceOf.length, distance);
        distanceOf.push(distance);
        inside.push(distance);
      }
      while (inside.length > 0) takeSmallest();
    }),
    { numRuns: 300 },
  );
});
