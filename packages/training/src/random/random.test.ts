import { describe, expect, it } from "vitest";
import { createRandom, type RandomState, restoreRandom } from "./random.js";

const moments = (values: readonly number[]) => {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
  return { mean, deviation: Math.sqrt(variance) };
};

describe("random numbers", () => {
  it("are xoshiro128**'s", () => {
    // The first ten words of the authors' code for the state 1, 2, 3, 4.
    const words = [
      11520, 0, 5927040, 70819200, 2031721883, 1637235492, 1287239034, 3734860849, 3729100597, 4258142804,
    ];
    const random = restoreRandom([1, 2, 3, 4]);
    for (let i = 0; i < words.length; i += 2) {
      expect(random.unit()).toBe(((words[i]! >>> 5) * 2 ** 26 + (words[i + 1]! >>> 6)) / 2 ** 53);
    }
  });

  it("depend on the seed alone", () => {
    const draw = (seed: number) => Array.from({ length: 20 }, createRandom(seed).unit);
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
    expect(new Set([0, 1, 2, -1].map((seed) => createRandom(seed).unit())).size).toBe(4);
  });

  it("go on from a state that went through JSON as if never stopped", () => {
    const random = createRandom(3);
    for (let i = 0; i < 101; i++) random.normal();
    const restored = restoreRandom(JSON.parse(JSON.stringify(random.state())) as RandomState);
    for (let i = 0; i < 50; i++) {
      expect(restored.normal()).toBe(random.normal());
      expect(restored.below(9)).toBe(random.below(9));
    }
  });

  it.each([[[0, 0, 0, 0]], [[1, 2, 3]], [[1, 2, 3, 2 ** 32]], [[1, 2, 3, -1]], [[1, 2, 3, 0.5]], [null]])(
    "refuse the state %j",
    (state) => {
      expect(() => restoreRandom(state as unknown as RandomState)).toThrow(
        expect.objectContaining({ code: "option-invalid" }),
      );
    },
  );

  it("have the distributions that they should have", () => {
    const random = createRandom(11);
    const count = 40_000;
    const uniform = moments(Array.from({ length: count }, random.unit));
    expect(uniform.mean).toBeCloseTo(0.5, 2);
    expect(uniform.deviation).toBeCloseTo(Math.sqrt(1 / 12), 2);
    const normals = Array.from({ length: count }, random.normal);
    expect(Math.abs(moments(normals).mean)).toBeLessThan(0.02);
    expect(Math.abs(moments(normals).deviation - 1)).toBeLessThan(0.02);
    expect(normals.filter((value) => Math.abs(value) > 1.96).length / count).toBeCloseTo(0.05, 2);
    const counts = new Array<number>(7).fill(0);
    for (let i = 0; i < count; i++) counts[random.below(7)]!++;
    for (const each of counts) expect(Math.abs(each / count - 1 / 7)).toBeLessThan(0.01);
  });
});
