import { encodeRle } from "@segany/sam";
import { expect, it, vi } from "vitest";
import type { PictureStore } from "../pictures/picture-store.js";
import type { Segmenter } from "../segmentation/types.js";
import { createStudioStore } from "../state/create-store.js";
import { EMPTY_DOCUMENT } from "../state/document.js";
import { startHistory } from "../state/history.js";
import { DEFAULT_PREFERENCES } from "../state/initial-state.js";
import type { Picture } from "../state/types.js";
import { watchPictures } from "./picture-sessions.js";

const picture = (id: string): Picture => ({
  id,
  name: id,
  width: 1024,
  height: 64,
  thumbnailUrl: "",
  loading: { phase: "waiting" },
  history: startHistory(EMPTY_DOCUMENT),
});

const pictures = {
  sourceOf: (id: string) => ({ kind: "stored", id }),
} as unknown as PictureStore;

/** An object of 400 pixels and a speck of 16. */
function speckled() {
  const data = new Uint8Array(1024 * 64);
  for (let y = 0; y < 20; y++) data.fill(1, y * 1024, y * 1024 + 20);
  for (let y = 40; y < 44; y++) data.fill(1, y * 1024 + 500, y * 1024 + 504);
  const segmentation = encodeRle({ width: 1024, height: 64, data });
  const lowResLogits = new Float32Array(1);
  return { segmentation, areaPx: 416, boxXywh: [0, 0, 504, 44] as const, predictedIou: 0.9, lowResLogits };
}

it("gives masks without specks to everyone who asks, be it for an outline or for the draft", async () => {
  const store = createStudioStore(DEFAULT_PREFERENCES);
  const segmenter: Segmenter = {
    mode: "browser",
    open: async () => ({
      width: 1024,
      height: 64,
      predict: async () => [speckled()],
      everything: () => Promise.reject(new Error("not asked for here")),
    }),
    close: async () => undefined,
  };
  const sessions = watchPictures(store, pictures, () => segmenter);
  store.set(() => ({ modes: ["browser"], pictures: [picture("a")], openPictureId: "a" }));
  await vi.waitFor(() => expect(sessions.of("a")).not.toBeNull());
  const [mask] = await sessions.of("a")!.predict({}, { multimask: false });
  expect(mask).toMatchObject({ areaPx: 400, boxXywh: [0, 0, 20, 20] });
});
