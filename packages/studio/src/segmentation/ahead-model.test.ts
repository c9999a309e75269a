import type { BrowserSam, RunOptions, Sam } from "@segany/sam/browser";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { createAheadModel } from "./ahead-model.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const DEVICE = { hardwareConcurrency: 8 };

function setUp({ threads = 4, failures = 0 } = {}) {
  const loaded: (RunOptions & { readonly name: string })[] = [];
  const closed: number[] = [];
  let left = failures;
  const load = async (name: string, options: RunOptions) => {
    const number = loaded.push({ name, ...options });
    if (left-- > 0) throw new Error("No memory.");
    return { close: async () => void closed.push(number) } as unknown as Sam;
  };
  const first = Promise.resolve({ model: { name: "mobile_sam" }, threads } as unknown as BrowserSam);
  return { loaded, closed, ahead: createAheadModel({ first, load, device: DEVICE })! };
}

it("is opened once, when first needed, on WebAssembly with half of the threads", async () => {
  const { ahead, loaded } = setUp();
  await Promise.resolve();
  expect(loaded).toEqual([]);
  expect(await ahead.open()).toBe(await ahead.open());
  expect(loaded).toMatchObject([{ name: "mobile_sam", provider: "wasm", threads: 2 }]);
  const single = setUp({ threads: 1 });
  await single.ahead.open();
  expect(single.loaded[0]!.threads).toBe(1);
});

it("gives its memory back after two minutes without work, and is opened again then", async () => {
  const { ahead, loaded, closed } = setUp();
  await ahead.open();
  await vi.advanceTimersByTimeAsync(100_000);
  await ahead.open();
  await vi.advanceTimersByTimeAsync(100_000);
  expect(closed).toEqual([]);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(closed).toEqual([1]);
  await ahead.open();
  expect(loaded).toHaveLength(2);
});

it("is tried again after it failed to open", async () => {
  const { ahead, loaded } = setUp({ failures: 1 });
  await expect(ahead.open()).rejects.toThrow("No memory.");
  await ahead.open();
  expect(loaded).toHaveLength(2);
});

it("breaks off loading and closes what is open when it ends", async () => {
  const { ahead, loaded, closed } = setUp();
  await ahead.open();
  await ahead.close();
  expect(loaded[0]!.signal!.aborted).toBe(true);
  expect(closed).toEqual([1]);
  await vi.advanceTimersByTimeAsync(200_000);
  expect(closed).toEqual([1]);
});

it("spares devices with one core or little memory", () => {
  const first = new Promise<BrowserSam>(() => undefined);
  const load = () => Promise.reject(new Error("It should not be opened."));
  const isThere = (device: Parameters<typeof createAheadModel>[0]["device"]) =>
    createAheadModel({ first, load, device }) !== null;
  expect(isThere({ hardwareConcurrency: 1 })).toBe(false);
  expect(isThere({ hardwareConcurrency: 8, deviceMemory: 2 })).toBe(false);
  expect(isThere({ hardwareConcurrency: 2, deviceMemory: 4 })).toBe(true);
  expect(isThere({ hardwareConcurrency: 2 })).toBe(true);
});
