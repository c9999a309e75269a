import type { KeptMasks } from "@segany/server/contract";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { StudioError } from "../errors.js";
import { createStudioStore } from "../state/create-store.js";
import { EMPTY_DOCUMENT } from "../state/document.js";
import { addObjects } from "../state/edits.js";
import { startHistory } from "../state/history.js";
import { DEFAULT_PREFERENCES } from "../state/initial-state.js";
import { measureShape } from "../state/mask-shape.js";
import type { RunMode } from "../state/status.js";
import type { Picture } from "../state/types.js";
import { watchKeptMasks } from "./keep-masks.js";

const ID = "a".repeat(64);
const SHAPE = measureShape({ width: 4, height: 4, counts: Uint32Array.of(5, 2, 9) });

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** The server's side: what it has, what it was sent, and answers that a test holds back. */
function setUp({
  mode = "server-encodes" as RunMode,
  stored = 0,
  fails = false,
  isStored = false,
  isOpened = true,
  failedSends = 0,
} = {}) {
  const sent: KeptMasks[] = [];
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const store = createStudioStore({ ...DEFAULT_PREFERENCES, mode });
  const api: Parameters<typeof watchKeptMasks>[1] = {
    async masks() {
      await held;
      if (fails) throw new StudioError("internal", "no");
      if (stored === 0) return null;
      const image = { image_id: 1, width: 4, height: 4, file_name: "p.png" };
      const annotation = { segmentation: { size: [4, 4], counts: "529" }, area: 2, bbox: [1, 1, 1, 2] };
      return {
        image,
        annotations: Array.from({ length: stored }, (_, id) => ({ id, ...annotation })),
      } as unknown as KeptMasks;
    },
    async keepMasks(_id, masks) {
      sent.push(masks);
      if (sent.length <= failedSends) throw new StudioError("internal", "not now");
    },
  };
  const keeper = watchKeptMasks(store, api, () => isStored);
  const picture: Picture = {
    id: ID,
    name: "p.png",
    width: 4,
    height: 4,
    thumbnailUrl: "",
    loading: { phase: isOpened ? "ready" : "waiting" },
    history: startHistory(EMPTY_DOCUMENT),
  };
  store.set(() => ({
    modes: ["server-encodes", "browser", "server"],
    openPictureId: ID,
    pictures: [picture],
  }));
  const keepOne = () =>
    store.edit("Keep", (document) => addObjects(document, [{ ...SHAPE, source: "prompt" }]));
  const objects = () => store.getState().pictures[0]!.history.present.objects;
  const answer = async () => {
    release();
    await vi.advanceTimersByTimeAsync(0);
  };
  return { store, keeper, sent, keepOne, objects, answer };
}

test("what was kept before comes back, and is no step that undo takes away", async () => {
  const { store, objects, sent, answer } = setUp({ stored: 2 });
  await answer();
  expect(objects()).toHaveLength(2);
  store.undo();
  expect(objects()).toHaveLength(2);
  await vi.advanceTimersByTimeAsync(5000);
  expect(sent).toEqual([]);
});

test("an object that is kept while the old ones are on their way joins them, and all are sent", async () => {
  const { store, objects, sent, keepOne, answer } = setUp({ stored: 2 });
  keepOne();
  await vi.advanceTimersByTimeAsync(5000);
  expect(sent).toEqual([]);
  await answer();
  expect(objects()).toHaveLength(3);
  await vi.advanceTimersByTimeAsync(1000);
  expect(sent.map(({ annotations }) => annotations.length)).toEqual([3]);
  store.undo();
  await vi.advanceTimersByTimeAsync(1000);
  expect(sent.at(-1)!.annotations).toHaveLength(2);
});

test("where the old ones can't be read nothing is written over them", async () => {
  const { store, sent, keepOne, answer } = setUp({ fails: true });
  await answer();
  keepOne();
  await vi.advanceTimersByTimeAsync(5000);
  expect(sent).toEqual([]);
  expect(store.getState().notices[0]!.text).toContain("not kept on the server");
});

test("what could not be sent is sent again with the next change of the gallery, and told of", async () => {
  const { store, sent, keepOne, answer } = setUp({ failedSends: 1 });
  await answer();
  keepOne();
  await vi.advanceTimersByTimeAsync(5000);
  expect(sent).toHaveLength(1);
  expect(store.getState().notices[0]!.text).toContain("not kept on the server");
  store.set(({ pictures }) => ({ pictures: [...pictures] }));
  await vi.advanceTimersByTimeAsync(5000);
  expect(sent.map(({ annotations }) => annotations.length)).toEqual([1, 1]);
  store.set(({ pictures }) => ({ pictures: [...pictures] }));
  await vi.advanceTimersByTimeAsync(5000);
  expect(sent).toHaveLength(2);
});

test("changes that follow each other are sent once, and at once when the page is left", async () => {
  const { keeper, sent, keepOne, answer } = setUp();
  await answer();
  keepOne();
  keepOne();
  keeper.flush();
  await vi.advanceTimersByTimeAsync(5000);
  expect(sent.map(({ annotations }) => annotations.length)).toEqual([2]);
});

test("in a page that does all by itself, what the server keeps for a picture of its own comes back and is kept on", async () => {
  const { sent, objects, keepOne, answer } = setUp({ mode: "browser", stored: 2, isStored: true });
  await answer();
  expect(objects()).toHaveLength(2);
  keepOne();
  await vi.advanceTimersByTimeAsync(5000);
  expect(sent.map(({ annotations }) => annotations.length)).toEqual([3]);
});

test("what the server keeps for pictures that were never opened is read when all of it is wanted, once", async () => {
  const { store, keeper, sent, objects, answer } = setUp({
    stored: 2,
    isStored: true,
    isOpened: false,
  });
  await answer();
  expect(objects()).toEqual([]);
  await Promise.all([keeper.readAll(), keeper.readAll()]);
  store.set(() => ({ pictures: [{ ...store.getState().pictures[0]!, loading: { phase: "ready" } }] }));
  await vi.advanceTimersByTimeAsync(5000);
  expect(objects()).toHaveLength(2);
  expect(sent).toEqual([]);
});

test("masks that are imported into a picture that was never opened join those that are kept", async () => {
  const { sent, keepOne, objects, answer } = setUp({ stored: 2, isStored: true, isOpened: false });
  keepOne();
  await answer();
  expect(objects()).toHaveLength(3);
  await vi.advanceTimersByTimeAsync(5000);
  expect(sent.map(({ annotations }) => annotations.length)).toEqual([3]);
});

test("objects of a picture that the server has are kept there after the model moves into the page", async () => {
  const { store, sent, keepOne, answer } = setUp();
  await answer();
  store.set(({ preferences }) => ({ preferences: { ...preferences, mode: "browser" } }));
  keepOne();
  await vi.advanceTimersByTimeAsync(5000);
  expect(sent.map(({ annotations }) => annotations.length)).toEqual([1]);
});

test("a picture that never left this browser is left alone", async () => {
  const { sent, keepOne, answer } = setUp({ mode: "browser" });
  await answer();
  keepOne();
  await vi.advanceTimersByTimeAsync(5000);
  expect(sent).toEqual([]);
});
