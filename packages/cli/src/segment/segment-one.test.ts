import { fileURLToPath } from "node:url";
import { expect, it, vi } from "vitest";
import { type FindOptions, findMasks } from "./segment-one.js";

const path = fileURLToPath(new URL("../../../../examples/still-life.jpg", import.meta.url));

it("releases what was decoded, also when no masks can be picked from it", async () => {
  const release = vi.fn(async () => undefined);
  const select = vi.fn(async () => Promise.reject(new Error("the process has ended")));
  const generator = { settings: {}, decode: async () => ({ select, release, timings: {} }) };
  const options = {
    reading: {},
    generator,
    signal: new AbortController().signal,
    onProgress: () => undefined,
  };
  await expect(findMasks({ path } as never, options as unknown as FindOptions)).rejects.toThrow("has ended");
  expect(release).toHaveBeenCalledOnce();
});
