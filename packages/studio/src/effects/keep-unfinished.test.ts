import { imagePoint } from "@segany/masks";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createStudioStore } from "../state/create-store.js";
import { EMPTY_DOCUMENT, EMPTY_DRAFT } from "../state/document.js";
import { addPoint } from "../state/draft-edits.js";
import { startHistory } from "../state/history.js";
import { DEFAULT_PREFERENCES } from "../state/initial-state.js";
import type { GalleryImage } from "../state/types.js";
import type { Unfinished } from "../storage/local-store.js";
import { watchUnfinished } from "./keep-unfinished.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A gallery with the image "a", in a browser that has kept some work. */
async function setUp({
  kept = new Map<string, Unfinished>(),
  ids = ["a"],
  fails = false,
  isJob = false,
} = {}) {
  const store = createStudioStore(DEFAULT_PREFERENCES);
  const imageOf = (id: string) => ({ id, history: startHistory(EMPTY_DOCUMENT) }) as unknown as GalleryImage;
  store.set(() => ({ images: ids.map(imageOf), openImageId: "a" }));
  let writes = 0;
  const local: Parameters<typeof watchUnfinished>[1] = {
    unfinished: async () => new Map(kept),
    async keepUnfinished(id, work) {
      writes++;
      if (fails) throw new Error("full");
      if (work) kept.set(id, work);
      else kept.delete(id);
    },
  };
  const keeper = await watchUnfinished(store, local, { isJob });
  const add = (id: string) => store.set(({ images }) => ({ images: [...images, imageOf(id)] }));
  const click = (at: number) =>
    store.edit("Click", (document) => addPoint(document, imagePoint([at, at]), 1));
  const draft = () => store.getState().images[0]!.history.present.draft;
  return { store, keeper, kept, add, click, draft, writes: () => writes };
}

test("what was unfinished is there after a reload, and is no step that undo takes away", async () => {
  const first = await setUp();
  first.click(1);
  first.click(2);
  await vi.advanceTimersByTimeAsync(1000);
  expect(first.writes()).toBe(1);
  const { store, draft, writes } = await setUp({ kept: first.kept });
  expect(draft()).toEqual(first.draft());
  store.undo();
  expect(draft().points).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(1000);
  expect(writes()).toBe(0);
});

test("it waits for its image, and gives way to what the user has begun", async () => {
  const first = await setUp();
  first.click(1);
  first.keeper.flush();
  const other = await setUp({ kept: first.kept, ids: [] });
  await vi.advanceTimersByTimeAsync(1000);
  expect(first.kept.size).toBe(1);
  other.add("a");
  expect(other.draft().points).toHaveLength(1);
});

test("what is finished or removed is forgotten", async () => {
  const { store, kept, click } = await setUp();
  click(1);
  await vi.advanceTimersByTimeAsync(1000);
  expect(kept.size).toBe(1);
  store.edit("Reset", (document) => ({ ...document, draft: EMPTY_DRAFT }));
  await vi.advanceTimersByTimeAsync(1000);
  expect(kept.size).toBe(0);
  click(1);
  await vi.advanceTimersByTimeAsync(1000);
  store.set(() => ({ images: [] }));
  await vi.advanceTimersByTimeAsync(1000);
  expect(kept.size).toBe(0);
});

test("a job's draft that became an object is forgotten at once, and not before", async () => {
  const { store, kept, click, writes } = await setUp({ isJob: true });
  click(1);
  await vi.advanceTimersByTimeAsync(0);
  expect(writes()).toBe(0);
  await vi.advanceTimersByTimeAsync(1000);
  expect(kept.size).toBe(1);
  click(2);
  store.edit("Keep object", (document) => ({ ...document, draft: EMPTY_DRAFT }));
  await vi.advanceTimersByTimeAsync(0);
  expect(kept.size).toBe(0);
  await vi.advanceTimersByTimeAsync(1000);
  expect(writes()).toBe(2);
});

test("at once when the page is left, and told once where it can't be", async () => {
  const { store, keeper, click, writes } = await setUp({ fails: true });
  click(1);
  keeper.flush();
  expect(writes()).toBe(1);
  click(2);
  keeper.close();
  await vi.advanceTimersByTimeAsync(0);
  expect(store.getState().notices.map(({ text }) => text)).toEqual([
    "What is unfinished is not kept in this browser. full",
  ]);
});
