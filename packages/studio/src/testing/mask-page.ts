/** A page whose objects a made-up server keeps, for tests. */

import type { KeptMasks } from "@segany/server/contract";
import { vi } from "vitest";
import { watchKeptMasks } from "../effects/keep-masks.js";
import { StudioError } from "../errors.js";
import type { ImagePlace } from "../images/image-store.js";
import { createStudioStore } from "../state/create-store.js";
import { EMPTY_DOCUMENT } from "../state/document.js";
import { addObjects } from "../state/edits.js";
import { startHistory } from "../state/history.js";
import { DEFAULT_PREFERENCES } from "../state/initial-state.js";
import { measureShape } from "../state/mask-shape.js";
import type { RunMode } from "../state/status.js";
import type { GalleryImage } from "../state/types.js";
import { createMaskServer } from "./mask-server.js";

const ID = "a".repeat(64);
const SHAPE = measureShape({ width: 4, height: 4, counts: Uint32Array.of(5, 2, 9) });
const MASK = { segmentation: { size: [4, 4], counts: "529" }, area: 2, bbox: [1, 1, 1, 2] };

/** A document with so many masks, numbered from 0. */
export function documentOf(count: number, of: (id: number) => object = () => ({})): KeptMasks {
  const image = { image_id: 1, width: 4, height: 4, file_name: "p.png" };
  const annotations = Array.from({ length: count }, (_, id) => ({ id, ...MASK, ...of(id) }));
  return { image, annotations } as unknown as KeptMasks;
}

/**
 * A page with one image over a server, whose answers to what is kept a test holds back with `answer`. The
 * test has made up the time, as vitest does it.
 */
export function openMaskPage({
  mode = "server-encodes" as RunMode,
  stored = 0,
  fails = false,
  place = (mode === "browser" ? "page" : "server") as ImagePlace,
  inBrowser = false,
  browser = createMaskServer(),
  isOpened = true,
  server = createMaskServer(),
} = {}) {
  if (stored > 0) server.put(documentOf(stored));
  const before = server.kept.length;
  let release: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    release = resolve;
  });
  const store = createStudioStore({ ...DEFAULT_PREFERENCES, mode });
  const api = {
    ...server.api,
    async masks(id: string) {
      await held;
      if (fails) throw new StudioError("internal", "no");
      return server.api.masks(id);
    },
  };
  let placeNow = place;
  const keeper = watchKeptMasks(store, {
    server: () => api,
    browser: { ...browser.api, removeMasks: async () => browser.clear() },
    placeOf: () => placeNow,
    inBrowser: inBrowser ? [ID] : [],
  });
  const image: GalleryImage = {
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
    openImageId: ID,
    images: [image],
  }));
  const keepOne = () =>
    store.edit("Keep", (document) => addObjects(document, [{ ...SHAPE, source: "prompt" }]));
  const objects = () => store.getState().images[0]!.history.present.objects;
  const answer = async () => {
    release();
    await vi.advanceTimersByTimeAsync(0);
  };
  const settle = () => vi.advanceTimersByTimeAsync(5000);
  const sent = () => server.kept.slice(before);
  const move = (to: ImagePlace) => {
    placeNow = to;
    keeper.moved(ID);
  };
  return { store, keeper, server, browser, image, sent, keepOne, objects, answer, settle, move };
}
