import { expect, test } from "vitest";
import { drawnShape, readyImage } from "../testing/document-parts.js";
import { createStudioStore } from "./create-store.js";
import { EMPTY_DOCUMENT } from "./document.js";
import { addObjects } from "./edits.js";
import { DEFAULT_PREFERENCES } from "./initial-state.js";
import { select } from "./select.js";

const NEW = { ...drawnShape("#"), source: "prompt" } as const;
const document = addObjects(EMPTY_DOCUMENT, [NEW, NEW, NEW, NEW, NEW]);
const [a, b, c, d, e] = document.objects.map(({ id }) => id) as [string, string, string, string, string];

function stateWith(...selectedIds: readonly string[]) {
  const store = createStudioStore(DEFAULT_PREFERENCES);
  store.set(() => ({
    images: [readyImage(document)],
    openImageId: "p",
    selectedIds,
  }));
  return store.getState();
}
const selected = (before: readonly string[], ...how: [string | null, "only" | "toggle" | "range"]) =>
  select(stateWith(...before), ...how).selectedIds;

test("one alone, one more, one less", () => {
  expect(selected([a, b], c, "only")).toEqual([c]);
  expect(selected([a, b], c, "toggle")).toEqual([a, b, c]);
  expect(selected([a, b, c], b, "toggle")).toEqual([a, c]);
});

test("all between the first and the last that is pressed, which may become fewer again", () => {
  const four = selected([b], e, "range");
  expect(four).toEqual([b, c, d, e]);
  expect(selected(four, c, "range")).toEqual([b, c]);
  expect(selected(four, a, "range")).toEqual([b, a]);
  expect(selected([], c, "range")).toEqual([c]);
  expect(selected(["gone"], c, "range")).toEqual([c]);
});

test("nothing takes the selection away, unless others are to stay", () => {
  expect(selected([a, b], null, "only")).toEqual([]);
  expect(selected([a, b], null, "toggle")).toEqual([a, b]);
});
