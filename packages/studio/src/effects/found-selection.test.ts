import { expect, it, vi } from "vitest";
import type { DecodedSearch } from "../segmentation/types.js";
import type { FoundMask } from "../state/types.js";
import { createFoundSelection } from "./found-selection.js";

const thresholds = (predIouThresh: number) => ({
  predIouThresh,
  stabilityScoreThresh: 0,
  boxNmsThresh: 0.7,
});

/** What was found; every selection waits until the test ends it. */
function findMasks() {
  const asked: number[] = [];
  const ends: ((found: readonly FoundMask[]) => void)[] = [];
  const release = vi.fn<() => Promise<void>>(async () => undefined);
  const masks: DecodedSearch = {
    select: ({ predIouThresh }) => {
      asked.push(predIouThresh!);
      return new Promise((resolve) => ends.push(resolve));
    },
    release,
  };
  return { masks, asked, release, end: () => ends.shift()!([]) };
}

function setUp() {
  const selected: number[] = [];
  const selection = createFoundSelection((_found, { predIouThresh }) => selected.push(predIouThresh));
  return { selection, selected };
}

it("selects once at a time, and of those that wait only the latest", async () => {
  const { selection, selected } = setUp();
  const { masks, asked, end } = findMasks();
  selection.take(masks);
  const done = selection.select(thresholds(0.1));
  for (const threshold of [0.2, 0.3, 0.4]) void selection.select(thresholds(threshold));
  end();
  await expect.poll(() => asked).toEqual([0.1, 0.4]);
  end();
  await done;
  expect(selected).toEqual([0.1, 0.4]);
});

it("tells nothing of masks that were released or replaced meanwhile, and selects from the new ones", async () => {
  const { selection, selected } = setUp();
  const [old, fresh] = [findMasks(), findMasks()];
  selection.take(old.masks);
  const done = selection.select(thresholds(0.1));
  selection.take(fresh.masks);
  expect(old.release).toHaveBeenCalledTimes(1);
  void selection.select(thresholds(0.2));
  old.end();
  await expect.poll(() => fresh.asked).toEqual([0.2]);
  fresh.end();
  await done;
  expect(selected).toEqual([0.2]);
});

it("throws what a selection throws, and selects again afterwards", async () => {
  const { selection, selected } = setUp();
  const select = vi.fn<DecodedSearch["select"]>();
  select.mockRejectedValueOnce(new Error("lost")).mockResolvedValueOnce([]);
  selection.take({ select, release: async () => undefined });
  await expect(selection.select(thresholds(0.1))).rejects.toThrow("lost");
  await selection.select(thresholds(0.2));
  expect(selected).toEqual([0.2]);
});
