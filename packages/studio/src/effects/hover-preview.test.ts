import { imagePoint } from "@segany/masks";
import type { ImagePrompt } from "@segany/sam";
import { beforeEach, describe, expect, it } from "vitest";
import type { OpenImage, PredictOptions } from "../segmentation/types.js";
import { createStudioStore } from "../state/create-store.js";
import { type Alternative, EMPTY_DOCUMENT } from "../state/document.js";
import { addPoint } from "../state/draft-edits.js";
import { startHistory } from "../state/history.js";
import { DEFAULT_PREFERENCES } from "../state/initial-state.js";
import type { StudioStore } from "../state/studio-store.js";
import { alternativeOf, drawnShape } from "../testing/document-parts.js";
import { PUBLISHED_MODEL } from "../testing/model-frame.js";
import { createHoverPreview, type HoverPreview } from "./hover-preview.js";

const POOR = alternativeOf(drawnShape("#."), 0.4);
const BEST = alternativeOf(drawnShape("##", "##"), 0.9);

interface Asked {
  readonly prompt: ImagePrompt;
  readonly options: PredictOptions;
  readonly answer: (alternatives: readonly Alternative[]) => void;
  readonly fail: (error: Error) => void;
}

let store: StudioStore;
let hover: HoverPreview;
let asked: Asked[];
beforeEach(() => {
  store = createStudioStore(DEFAULT_PREFERENCES);
  const image = {
    id: "a",
    name: "a.jpg",
    width: 8,
    height: 6,
    thumbnailUrl: "",
    loading: { phase: "ready" },
    history: startHistory(EMPTY_DOCUMENT),
  } as const;
  store.set(() => ({ images: [image], openImageId: "a" }));
  asked = [];
  const open: OpenImage = {
    width: 8,
    height: 6,
    model: PUBLISHED_MODEL,
    predict: (prompt, options) =>
      new Promise((answer, fail) => void asked.push({ prompt, options, answer, fail })),
    everything: () => Promise.reject(new Error("not here")),
  };
  hover = createHoverPreview(store, {
    of: () => open,
    retry: () => undefined,
    forget: () => undefined,
    close: () => undefined,
  });
});

const preview = () => store.getState().hover?.preview;
const settle = () => new Promise((resolve) => setTimeout(resolve, 0));
async function answer(alternatives: readonly Alternative[]): Promise<void> {
  asked.at(-1)!.answer(alternatives);
  await settle();
}

describe("the preview under the cursor", () => {
  it("is the best of the masks that a click would give", async () => {
    hover.hoverAt(imagePoint([2, 3]));
    expect(asked[0]).toMatchObject({
      prompt: { pointCoords: [[2, 3]], pointLabels: [1] },
      options: { multimask: true },
    });
    await answer([POOR, BEST]);
    expect(preview()).toMatchObject({ segmentation: BEST.segmentation });
  });

  it("asks one question at a time, and then only the last place", async () => {
    for (const x of [1, 2, 3, 4]) hover.hoverAt(imagePoint([x, 0]));
    expect(asked).toHaveLength(1);
    await answer([BEST]);
    expect(asked.map(({ prompt }) => prompt.pointCoords)).toEqual([[[1, 0]], [[4, 0]]]);
    await answer([POOR]);
    expect(asked).toHaveLength(2);
    expect(preview()).toMatchObject({ segmentation: POOR.segmentation });
  });

  it("stays while the next is asked, so that it does not flicker", async () => {
    hover.hoverAt(imagePoint([1, 0]));
    await answer([BEST]);
    hover.hoverAt(imagePoint([2, 0]));
    expect(preview()).toMatchObject({ segmentation: BEST.segmentation });
  });

  it("does not come back once the cursor has left", async () => {
    hover.hoverAt(imagePoint([1, 0]));
    hover.hoverAt(null);
    await answer([BEST]);
    expect(store.getState().hover).toBeNull();
    expect(asked).toHaveLength(1);
  });

  it("goes when the model fails, and is asked again at the next move", async () => {
    hover.hoverAt(imagePoint([1, 0]));
    asked[0]!.fail(new Error("the worker has ended"));
    await settle();
    expect(preview()).toBeNull();
    hover.hoverAt(imagePoint([2, 0]));
    expect(asked).toHaveLength(2);
    expect(store.getState().notices).toEqual([]);
  });

  it.each([
    { when: "another tool is used", change: (s: StudioStore) => s.set(() => ({ tool: "box" })) },
    {
      when: "a mask is in the making",
      change: (s: StudioStore) =>
        s.edit("Add point", (document) => addPoint(document, imagePoint([1, 1]), 1)),
    },
    {
      when: "found masks are shown",
      change: (s: StudioStore) =>
        s.set(() => ({ everything: { state: "running", pointsDone: 0, pointsTotal: 1, found: [] } })),
    },
  ])("goes when $when, and is not asked for", async ({ change }) => {
    hover.hoverAt(imagePoint([1, 0]));
    await answer([BEST]);
    change(store);
    expect(preview()).toBeNull();
    hover.hoverAt(imagePoint([2, 0]));
    expect(asked).toHaveLength(1);
  });
});
