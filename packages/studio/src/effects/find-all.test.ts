import { beforeEach, describe, expect, it, vi } from "vitest";
import type { DecodedSearch, EverythingOptions, FoundByWords, OpenImage } from "../segmentation/types.js";
import { createStudioStore } from "../state/create-store.js";
import { withThreshold } from "../state/found-masks.js";
import { DEFAULT_PREFERENCES } from "../state/initial-state.js";
import { measureShape } from "../state/mask-shape.js";
import type { StudioStore } from "../state/studio-store.js";
import type { FoundMask, WordsFound } from "../state/types.js";
import { PUBLISHED_MODEL } from "../testing/model-frame.js";
import { createFindAll, type FindAll } from "./find-all.js";

const mask = (predictedIou: number): FoundMask => ({
  ...measureShape({ width: 1, height: 1, counts: Uint32Array.of(0, 1) }),
  predictedIou,
  stabilityScore: 1,
  points: [],
});
const THRESHOLDS = { predIouThresh: 0.8, stabilityScoreThresh: 0.9, boxNmsThresh: 0.7 };

/** A search that the test drives: it is told what was asked, and says what is found and when it is over. */
interface Search {
  readonly options: EverythingOptions;
  readonly end: (masks: DecodedSearch) => void;
  readonly fail: (error: Error) => void;
}

let store: StudioStore;
let find: FindAll;
let searches: Search[];
let asked: { readonly text: string; readonly end: (found: FoundByWords) => void }[];
beforeEach(() => {
  store = createStudioStore(DEFAULT_PREFERENCES);
  store.set(() => ({ openImageId: "a" }));
  searches = [];
  asked = [];
  const image: OpenImage = {
    width: 1,
    height: 1,
    model: PUBLISHED_MODEL,
    predict: async () => [],
    everything: (options) =>
      new Promise((end, fail) => {
        searches.push({ options, end, fail });
        options.signal.addEventListener("abort", () => fail(new DOMException("stopped", "AbortError")));
      }),
  };
  const withWords: OpenImage = {
    ...image,
    words: (text) => new Promise((end) => asked.push({ text, end })),
  };
  find = createFindAll(store, {
    of: (id) => (id === "a" ? withWords : id === "b" ? image : null),
    retry: () => undefined,
    forget: () => undefined,
    close: () => undefined,
  });
});

const everything = () => store.getState().everything;
const foundOf = (...masks: FoundMask[]) => ({
  select: vi.fn<DecodedSearch["select"]>(async ({ predIouThresh = 0 }) =>
    masks.filter(({ predictedIou }) => predictedIou > predIouThresh),
  ),
  release: vi.fn(async () => undefined),
});
const settle = () => new Promise((resolve) => setTimeout(resolve, 0));

/** A search that came to its end. */
async function findTwo() {
  const found = foundOf(mask(0.9), mask(0.85));
  const whole = find.findAll({});
  searches[0]!.end(found);
  await whole;
  return found;
}

describe("everything mode", () => {
  it("shows masks as they are found, and those that pass the thresholds at its end", async () => {
    const whole = find.findAll({ predIouThresh: 0.8 });
    expect(everything()).toEqual({ state: "running", pointsDone: 0, pointsTotal: 0, found: [] });
    searches[0]!.options.onProgress({ pointsDone: 4, pointsTotal: 16 });
    searches[0]!.options.onFound([mask(0.7)]);
    expect(everything()).toEqual({ state: "running", pointsDone: 4, pointsTotal: 16, found: [mask(0.7)] });
    searches[0]!.end(foundOf(mask(0.7), mask(0.9)));
    await whole;
    expect(everything()).toEqual({
      state: "done",
      found: [mask(0.9)],
      selection: { predIouThresh: 0.8, stabilityScoreThresh: 0.95, boxNmsThresh: 0.7 },
    });
  });

  it("shows nothing more of a search that was stopped", async () => {
    const whole = find.findAll({});
    const { options } = searches[0]!;
    find.stopFinding();
    expect(options.signal.aborted).toBe(true);
    options.onProgress({ pointsDone: 4, pointsTotal: 16 });
    options.onFound([mask(0.9)]);
    await whole;
    expect(everything()).toEqual({ state: "idle" });
  });

  it("releases what a stopped search has found in the moment of its end", async () => {
    const found = foundOf(mask(0.9));
    const whole = find.findAll({});
    searches[0]!.end(found);
    find.stopFinding();
    await whole;
    expect(found.release).toHaveBeenCalledOnce();
    expect(everything()).toEqual({ state: "idle" });
  });

  it.each(["a search that goes on", "a search that was stopped"])(
    "releases what was found when no masks can be picked from it, in %s",
    async (which) => {
      const found = foundOf(mask(0.9));
      found.select.mockRejectedValue(new Error("the worker has ended"));
      const whole = find.findAll({});
      searches[0]!.end(found);
      if (which === "a search that was stopped") find.stopFinding();
      await whole;
      expect(found.release).toHaveBeenCalledOnce();
    },
  );

  it("begun anew ends the search before, whose masks are not shown", async () => {
    const first = find.findAll({});
    const second = find.findAll({});
    searches[0]!.options.onFound([mask(0.1)]);
    expect(searches[0]!.options.signal.aborted).toBe(true);
    searches[1]!.end(foundOf(mask(0.9)));
    await Promise.all([first, second]);
    expect(everything()).toMatchObject({ state: "done", found: [mask(0.9)] });
  });

  it("ends when another image is opened, and lets its masks go", async () => {
    const found = await findTwo();
    store.set(() => ({ openImageId: "b" }));
    expect(everything()).toEqual({ state: "idle" });
    expect(found.release).toHaveBeenCalledOnce();
  });

  it("says what went wrong", async () => {
    const whole = find.findAll({});
    searches[0]!.fail(new Error("out of memory"));
    await whole;
    expect(everything()).toEqual({ state: "failed", message: "out of memory" });
  });

  it("does nothing on an image that is not ready", async () => {
    store.set(() => ({ openImageId: "c" }));
    await find.findAll({});
    expect(everything()).toEqual({ state: "idle" });
    expect(searches).toEqual([]);
  });
});

describe("thresholds that are moved", () => {
  it("pick masks anew, without another search", async () => {
    await findTwo();
    await find.selectFound({ ...THRESHOLDS, predIouThresh: 0.87 });
    expect(everything()).toMatchObject({ found: [mask(0.9)], selection: { predIouThresh: 0.87 } });
    await find.selectFound(THRESHOLDS);
    expect(everything()).toMatchObject({ found: [mask(0.9), mask(0.85)], selection: THRESHOLDS });
    expect(searches).toHaveLength(1);
  });

  it("faster than they are answered are answered once for all in between, and the last one is shown", async () => {
    const found = await findTwo();
    found.select.mockClear();
    for (const predIouThresh of [0.1, 0.2, 0.3, 0.87])
      void find.selectFound({ ...THRESHOLDS, predIouThresh });
    await settle();
    expect(found.select.mock.calls.map(([{ predIouThresh }]) => predIouThresh)).toEqual([0.1, 0.87]);
    expect(everything()).toMatchObject({ found: [mask(0.9)], selection: { predIouThresh: 0.87 } });
  });

  it("are not shown any more when the masks were let go meanwhile", async () => {
    await findTwo();
    void find.selectFound(THRESHOLDS);
    find.stopFinding();
    await settle();
    expect(everything()).toEqual({ state: "idle" });
  });

  it("that cannot be answered are told of, and the next ones work", async () => {
    const found = await findTwo();
    found.select.mockRejectedValueOnce(new Error("the worker has ended"));
    await find.selectFound(THRESHOLDS);
    expect(store.getState().notices).toMatchObject([
      { kind: "error", text: expect.stringContaining("has ended") },
    ]);
    await find.selectFound({ ...THRESHOLDS, predIouThresh: 0.87 });
    expect(everything()).toMatchObject({ found: [mask(0.9)] });
  });
});

describe("words", () => {
  const word = (score: number): FoundMask => ({
    ...mask(0.9),
    stabilityScore: null,
    word: { label: "vehicle", category: "truck", score },
  });

  it("show what they found, the surer masks at first", async () => {
    const whole = find.findWords("vehicle");
    expect(everything()).toEqual({ state: "asking", text: "vehicle" });
    asked[0]!.end({ engine: "detector", threshold: 0.3, masks: [word(0.8), word(0.2)] });
    await whole;
    expect(everything()).toMatchObject({ state: "words", engine: "detector", threshold: 0.3 });
    const words = everything() as WordsFound;
    expect([words.all.length, words.found.length]).toEqual([2, 1]);
    expect(withThreshold(words, 0.1).found).toHaveLength(2);
    expect(withThreshold(words, 0.9).found).toEqual([]);
  });

  it("count only while nothing else is looked for", async () => {
    const first = find.findWords("dog");
    const second = find.findWords("cat");
    asked[0]!.end({ engine: "detector", threshold: 0.3, masks: [word(0.8)] });
    await first;
    expect(everything()).toEqual({ state: "asking", text: "cat" });
    find.stopFinding();
    asked[1]!.end({ engine: "detector", threshold: 0.3, masks: [word(0.8)] });
    await second;
    expect(everything()).toEqual({ state: "idle" });
  });

  it("say what is missing where nothing understands them", async () => {
    store.set(() => ({ openImageId: "b" }));
    await find.findWords("dog");
    expect(everything()).toMatchObject({
      state: "failed",
      message: expect.stringContaining("segany serve"),
    });
  });
});
