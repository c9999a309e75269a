import { describe, expect, it } from "vitest";
import { runPipeline } from "./pipeline.js";

const turn = (ms = 1) => new Promise((resolve) => setTimeout(resolve, ms));

describe("the pipeline", () => {
  it("finishes in order, one at a time, while the next are found, and never runs far ahead", async () => {
    const finished: number[] = [];
    let [found, finishing, furthest] = [0, 0, 0];
    await runPipeline([0, 1, 2, 3, 4, 5], {
      find: async (item) => {
        furthest = Math.max(furthest, item - finished.length);
        await turn(item % 2);
        found++;
        return item * 10;
      },
      finish: async (result, item) => {
        expect(++finishing).toBe(1);
        expect(result).toEqual({ ok: true, value: item * 10 });
        await turn(3);
        finishing--;
        finished.push(item);
      },
    });
    expect(finished).toEqual([0, 1, 2, 3, 4, 5]);
    expect(found).toBe(6);
    expect(furthest).toBeLessThanOrEqual(2);
  });

  it("hands a failed search on and goes on with the others", async () => {
    const seen: (boolean | number)[] = [];
    await runPipeline([1, 2, 3], {
      find: async (item) => {
        if (item === 2) throw new Error("broken");
        return item;
      },
      finish: async (result) => void seen.push(result.ok && result.value),
    });
    expect(seen).toEqual([1, false, 3]);
  });

  it("ends with the error of a failed finish, and starts no others", async () => {
    const started: number[] = [];
    const running = runPipeline([1, 2, 3, 4, 5, 6], {
      find: async (item) => void started.push(item),
      finish: async () => Promise.reject(new Error("disk full")),
    });
    await expect(running).rejects.toThrow("disk full");
    expect(started.length).toBeLessThanOrEqual(3);
  });

  it("has nothing to do for no items", async () => {
    await runPipeline([], { find: async () => 1, finish: async () => undefined });
  });
});
