import { cocoBox, imagePoint } from "@segany/masks";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { StudioError } from "../errors.js";
import type { OpenImage } from "../segmentation/types.js";
import { createStudioStore } from "../state/create-store.js";
import type { Alternative } from "../state/document.js";
import { EMPTY_DOCUMENT } from "../state/document.js";
import { addPoint } from "../state/draft-edits.js";
import { startHistory } from "../state/history.js";
import { DEFAULT_PREFERENCES } from "../state/initial-state.js";
import { openDocument } from "../state/selectors.js";
import type { GalleryImage } from "../state/types.js";
import { PUBLISHED_MODEL } from "../testing/model-frame.js";
import { watchDraft } from "./predict-draft.js";

const MASK: Alternative = {
  segmentation: { width: 4, height: 4, counts: Uint32Array.of(5, 2, 9) },
  areaPx: 2,
  boxXywh: cocoBox([1, 1, 1, 2]),
  predictedIou: 0.9,
  lowResLogits: new Float32Array(1),
};

const busy = (retryAfterMs: number | null) =>
  new StudioError("too-many-requests", "Many ask.", { retryAfterMs });
const unreachable = () => new StudioError("server-unreachable", "Nobody there.");

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const image = (id: string): GalleryImage => ({
  id,
  name: id,
  width: 40,
  height: 40,
  thumbnailUrl: "",
  loading: { phase: "ready" },
  history: startHistory(EMPTY_DOCUMENT),
});

/** Two images, "a" open, and a model that fails as it is told: each failure once, then it answers. */
function setUp(...failures: readonly Error[]) {
  const left = [...failures];
  const askedAtMs: number[] = [];
  const start = Date.now();
  const store = createStudioStore(DEFAULT_PREFERENCES);
  store.set(() => ({ images: [image("a"), image("b")], openImageId: "a" }));
  const model: OpenImage = {
    width: 40,
    height: 40,
    model: PUBLISHED_MODEL,
    async predict() {
      askedAtMs.push(Date.now() - start);
      const failure = left.shift();
      if (failure) throw failure;
      return [MASK];
    },
    everything: () => Promise.reject(new Error("not asked for here")),
  };
  const opened = new Map([
    ["a", model],
    ["b", { ...model }],
  ]);
  const close = watchDraft(store, {
    of: (id) => opened.get(id ?? "") ?? null,
    retry: () => undefined,
    forget: () => undefined,
    close: () => undefined,
  });
  return {
    store,
    close,
    askedAtMs,
    click: (x = 10) => store.edit("Add point", (document) => addPoint(document, imagePoint([x, 10]), 1)),
    pass: (ms: number) => vi.advanceTimersByTimeAsync(ms),
    answer: () => openDocument(store.getState()).draft.alternatives,
    waiting: () => store.getState().askingAgain,
    notices: () => store.getState().notices,
  };
}

it("asks again by itself when the server was busy, not before it wants to be asked, and says so meanwhile", async () => {
  const { click, pass, askedAtMs, answer, waiting, notices, store } = setUp(busy(3000), busy(0));
  click();
  await pass(2999);
  expect(askedAtMs).toEqual([0]);
  expect(waiting()).toMatchObject({ reason: "server-busy", attempt: 2, attempts: 5 });
  expect(store.getState().predicting).toBe(false);
  await pass(1);
  expect(askedAtMs).toEqual([0, 3000]);
  expect(waiting()).toMatchObject({ attempt: 3 });
  await pass(2000);
  expect(askedAtMs).toEqual([0, 3000, 5000]);
  expect(answer()).toEqual([MASK]);
  expect(waiting()).toBeNull();
  expect(notices()).toEqual([]);
});

it("waits longer each time, and gives up after five attempts with a notice", async () => {
  const { click, pass, askedAtMs, answer, waiting, notices } = setUp(
    ...Array.from({ length: 6 }, () => unreachable()),
  );
  click();
  await pass(120_000);
  expect(askedAtMs).toEqual([0, 1000, 3000, 7000, 15_000]);
  expect(answer()).toBeNull();
  expect(waiting()).toBeNull();
  expect(notices().map(({ text }) => text)).toEqual(["The model gave no mask. Nobody there."]);
});

it("gives up at once where asking again can't help, or the server wants longer than anybody waits", async () => {
  for (const failure of [new StudioError("prompt-invalid", "No."), busy(600_000)]) {
    const { click, pass, askedAtMs, notices } = setUp(failure);
    click();
    await pass(700_000);
    expect(askedAtMs).toEqual([0]);
    expect(notices()).toHaveLength(1);
  }
});

it("asks what is wanted now instead, as soon as the server wants to be asked", async () => {
  const { store, click, pass, askedAtMs, answer, waiting } = setUp(busy(3000));
  click();
  await pass(500);
  click(20);
  expect(waiting()).toMatchObject({ attempt: 1 });
  await pass(2500);
  expect(askedAtMs).toEqual([0, 3000]);
  expect(answer()).toEqual([MASK]);
  await pass(60_000);
  expect(askedAtMs).toHaveLength(2);
  expect(openDocument(store.getState()).draft.points).toHaveLength(2);
});

it("asks what is wanted now at once when nobody wants to be left alone", async () => {
  const { click, pass, askedAtMs, answer } = setUp(unreachable());
  click();
  await pass(500);
  click(20);
  await pass(0);
  expect(askedAtMs).toEqual([0, 500]);
  expect(answer()).toEqual([MASK]);
});

it("stops when the prompt is taken back", async () => {
  const { store, click, pass, askedAtMs, waiting } = setUp(busy(3000));
  click();
  await pass(500);
  store.undo();
  expect(waiting()).toBeNull();
  await pass(60_000);
  expect(askedAtMs).toEqual([0]);
});

it("stops when the image is left, and asks when it is opened again", async () => {
  const { store, click, pass, askedAtMs, answer, waiting } = setUp(busy(3000));
  click();
  await pass(500);
  store.set(() => ({ openImageId: "b" }));
  expect(waiting()).toBeNull();
  await pass(60_000);
  expect(askedAtMs).toEqual([0]);
  store.set(() => ({ openImageId: "a" }));
  await pass(0);
  expect(askedAtMs).toEqual([0, 60_500]);
  expect(answer()).toEqual([MASK]);
});

it("stops with the studio", async () => {
  const { close, click, pass, askedAtMs } = setUp(busy(3000));
  click();
  await pass(500);
  close();
  await pass(60_000);
  expect(askedAtMs).toEqual([0]);
});
