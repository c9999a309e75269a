import { imagePoint } from "@segany/masks";
import { expect, test } from "vitest";
import { createStudioStore } from "../state/create-store.js";
import { EMPTY_DOCUMENT } from "../state/document.js";
import { addPoint, answerDraft } from "../state/draft-edits.js";
import { isEmptyDraft } from "../state/draft-queries.js";
import { DEFAULT_PREFERENCES } from "../state/initial-state.js";
import { openDocument } from "../state/selectors.js";
import { alternativeOf, drawnShape, readyImage } from "../testing/document-parts.js";
import { watchClicks } from "./commit-clicks.js";

const OFFERED = [alternativeOf(drawnShape("##"), 0.7), alternativeOf(drawnShape("###"), 0.9)];

function setUp(commitsClicks = true) {
  const store = createStudioStore({ ...DEFAULT_PREFERENCES, commitsClicks });
  store.set(() => ({ images: [readyImage(EMPTY_DOCUMENT)], openImageId: "p", nextClassId: "pear" }));
  watchClicks(store);
  const document = () => openDocument(store.getState());
  async function click(label: 0 | 1 = 1): Promise<void> {
    store.edit("Add point", (before) => addPoint(before, imagePoint([1, 0]), label));
    store.set(() => ({ predicting: true }));
    store.amend((before) => answerDraft(before, OFFERED));
    store.set(() => ({ predicting: false }));
    await Promise.resolve();
  }
  return { store, document, click };
}

test("a click's best mask becomes an object at once, of the next class", async () => {
  const { store, document, click } = setUp();
  await click();
  await click();
  expect(document().objects.map(({ areaPx, classId }) => [areaPx, classId])).toEqual([
    [3, "pear"],
    [3, "pear"],
  ]);
  expect(isEmptyDraft(document().draft)).toBe(true);
  expect(store.getState().selectedIds).toEqual([document().objects[1]!.id]);
});

test("what undo brings back can be refined", async () => {
  const { store, document, click } = setUp();
  await click();
  store.undo();
  await Promise.resolve();
  expect([document().objects.length, document().draft.points.length]).toEqual([0, 1]);
  await click();
  expect([document().objects.length, document().draft.points.length]).toEqual([0, 2]);
});

test("a click that takes away, and any click without the mode, wait for the user", async () => {
  const away = setUp();
  await away.click(0);
  expect(away.document().objects).toEqual([]);
  const off = setUp(false);
  await off.click();
  expect(off.document().objects).toEqual([]);
});
