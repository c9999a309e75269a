import { expect, test } from "vitest";
import { createStudioStore } from "../state/create-store.js";
import { DEFAULT_PREFERENCES } from "../state/initial-state.js";
import type { GalleryImage } from "../state/types.js";
import { watchOpenImage } from "./reopen-image.js";

/** A tab that can be reloaded. */
function openTab(kept = new Map<string, string>()) {
  const store = createStudioStore(DEFAULT_PREFERENCES);
  watchOpenImage(store, {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
  });
  const show = (...ids: string[]) =>
    store.set(() => ({ images: ids.map((id) => ({ id }) as unknown as GalleryImage) }));
  const open = (id: string | null) => store.set(() => ({ openImageId: id }));
  return { kept, show, open, opened: () => store.getState().openImageId };
}

test("the image that was open is opened once it is there", () => {
  const before = openTab();
  before.show("a", "b");
  before.open("b");
  const after = openTab(before.kept);
  after.show("a");
  expect(after.opened()).toBeNull();
  after.show("a", "b");
  expect(after.opened()).toBe("b");
});

test("not where the user has opened another meanwhile, or had closed it", () => {
  const before = openTab();
  before.show("a", "b");
  before.open("b");
  const other = openTab(before.kept);
  other.show("a");
  other.open("a");
  other.show("a", "b");
  expect(other.opened()).toBe("a");
  before.open(null);
  const after = openTab(before.kept);
  after.show("a", "b");
  expect(after.opened()).toBeNull();
});

test("a tab without storage opens none", () => {
  const store = createStudioStore(DEFAULT_PREFERENCES);
  const refuse = () => {
    throw new DOMException("", "SecurityError");
  };
  watchOpenImage(store, { getItem: refuse, setItem: refuse });
  store.set(() => ({ images: [{ id: "a" } as unknown as GalleryImage], openImageId: "a" }));
  expect(store.getState().openImageId).toBe("a");
});
