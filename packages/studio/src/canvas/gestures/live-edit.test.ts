import { exclusiveBox, imagePoint } from "@segany/masks";
import { beforeEach, describe, expect, it } from "vitest";
import { createStudioStore } from "../../state/create-store.js";
import { EMPTY_DOCUMENT } from "../../state/document.js";
import { addPoint, setBox } from "../../state/draft-edits.js";
import { addObjects } from "../../state/edits.js";
import { startHistory } from "../../state/history.js";
import { DEFAULT_PREFERENCES } from "../../state/initial-state.js";
import { openDocument, openImage } from "../../state/selectors.js";
import type { StudioStore } from "../../state/studio-store.js";
import { drawnShape } from "../../testing/document-parts.js";
import { beginLiveEdit } from "./live-edit.js";

let store: StudioStore;
beforeEach(() => {
  store = createStudioStore(DEFAULT_PREFERENCES);
  const image = {
    id: "image",
    name: "Image",
    width: 100,
    height: 80,
    thumbnailUrl: "",
    loading: { phase: "ready" },
    history: startHistory(EMPTY_DOCUMENT),
  } as const;
  store.set(() => ({ images: [image], openImageId: "image" }));
});

const box = () => openDocument(store.getState()).draft.boxXyxy;
const steps = () => openImage(store.getState())!.history.past.map(({ label }) => label);

describe("a change that follows a drag", () => {
  it("is seen at once, and is one step in the end", () => {
    const edit = beginLiveEdit(store, "Draw box");
    edit.change((document) => setBox(document, exclusiveBox([0, 0, 5, 5])));
    expect(box()).toEqual([0, 0, 5, 5]);
    edit.change((document) => setBox(document, exclusiveBox([0, 0, 9, 9])));
    expect(steps()).toEqual([]);
    edit.finish();
    expect(box()).toEqual([0, 0, 9, 9]);
    expect(steps()).toEqual(["Draw box"]);
    store.undo();
    expect(box()).toBeNull();
  });

  it("waits while the model works, and only the last one that waited is made", () => {
    const edit = beginLiveEdit(store, "Draw box");
    edit.change((document) => setBox(document, exclusiveBox([0, 0, 5, 5])));
    store.set(() => ({ predicting: true }));
    edit.change((document) => setBox(document, exclusiveBox([0, 0, 6, 6])));
    edit.change((document) => setBox(document, exclusiveBox([0, 0, 7, 7])));
    expect(box()).toEqual([0, 0, 5, 5]);
    store.set(() => ({ predicting: false }));
    expect(box()).toEqual([0, 0, 7, 7]);
  });

  it("is made in the end although the model still works", () => {
    const edit = beginLiveEdit(store, "Draw box");
    edit.change((document) => setBox(document, exclusiveBox([0, 0, 5, 5])));
    store.set(() => ({ predicting: true }));
    edit.change((document) => setBox(document, exclusiveBox([0, 0, 6, 6])));
    edit.finish();
    expect(box()).toEqual([0, 0, 6, 6]);
    store.set(() => ({ predicting: false }));
    expect(steps()).toEqual(["Draw box"]);
  });

  it("is taken back when it is cancelled, without a step", () => {
    store.edit("Add point", (document) => addPoint(document, imagePoint([3, 3]), 1));
    const before = openDocument(store.getState());
    const edit = beginLiveEdit(store, "Draw box");
    edit.change((document) => setBox(document, exclusiveBox([0, 0, 5, 5])));
    edit.cancel();
    expect(openDocument(store.getState())).toBe(before);
    expect(steps()).toEqual(["Add point"]);
  });

  it.each(["finish", "cancel"] as const)("keeps what others added meanwhile: %s", (end) => {
    const shape = drawnShape("##");
    const edit = beginLiveEdit(store, "Draw box");
    edit.change((document) => setBox(document, exclusiveBox([0, 0, 5, 5])));
    store.editEveryStep("image", (document) => addObjects(document, [{ ...shape, source: "import" }]));
    edit.change((document) => setBox(document, exclusiveBox([0, 0, 9, 9])));
    edit[end]();
    const count = () => openDocument(store.getState()).objects.length;
    expect([box(), count()]).toEqual([end === "finish" ? [0, 0, 9, 9] : null, 1]);
    store.undo();
    expect([box(), count()]).toEqual([null, 1]);
  });

  it("that never came is no step", () => {
    beginLiveEdit(store, "Draw box").finish();
    expect(steps()).toEqual([]);
  });
});
