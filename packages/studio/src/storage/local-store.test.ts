import "fake-indexeddb/auto";
import type { KeptMasks } from "@segany/server/contract";
import { afterEach, expect, test, vi } from "vitest";
import { EMPTY_DRAFT } from "../state/document.js";
import { measureShape } from "../state/mask-shape.js";
import { type LocalImage, openLocalStore } from "./local-store.js";

let names = 0;

/** A browser of its own, which may be opened again. */
async function openBrowser({ name = `browser ${names++}`, maxBytes = 100 } = {}) {
  const store = await openLocalStore(name, maxBytes);
  if (!store) throw new Error("There is no storage.");
  const reopen = async () => {
    store.close();
    return (await openLocalStore(name, maxBytes))!;
  };
  return { store, reopen };
}

const imageOf = (id: string, addedMs: number, bytes = 4): LocalImage => ({
  id,
  name: `${id}.png`,
  file: new Blob([new Uint8Array(bytes)]),
  width: 4,
  height: 2,
  thumbnail: new Blob(["small"]),
  maySend: true,
  addedMs,
});

const masksOf = (...numbers: number[]) =>
  ({ image: {}, annotations: numbers.map((id) => ({ id })) }) as unknown as KeptMasks;

afterEach(() => void vi.unstubAllGlobals());

test("images are there again in their order, bytes and all, until they are removed", async () => {
  const { store, reopen } = await openBrowser();
  await store.addImage(imageOf("b", 1));
  await store.addImage(imageOf("a", 2));
  await store.addImage(imageOf("c", 2));
  const again = await reopen();
  const kept = await again.images();
  expect(kept.map(({ id, name, width, maySend }) => [id, name, width, maySend])).toEqual([
    ["b", "b.png", 4, true],
    ["a", "a.png", 4, true],
    ["c", "c.png", 4, true],
  ]);
  expect(new Uint8Array(await kept[0]!.file.arrayBuffer())).toEqual(new Uint8Array(4));
  expect(await kept[0]!.thumbnail.text()).toBe("small");
  await again.removeImage("a");
  expect((await again.images()).map(({ id }) => id)).toEqual(["b", "c"]);
});

test("an image beyond the limit is refused by name, and one that is there may be put again", async () => {
  const { store, reopen } = await openBrowser({ maxBytes: 10 });
  await store.addImage(imageOf("a", 1, 6));
  await expect(store.addImage(imageOf("b", 2, 5))).rejects.toMatchObject({
    code: "store-full",
    message: expect.stringMatching(/^"b\.png" is lost when the page is left/),
  });
  await store.addImage(imageOf("a", 1, 9));
  expect((await store.images()).map(({ file }) => file.size)).toEqual([9]);
  await store.removeImage("a");
  await store.addImage(imageOf("b", 2, 10));
  const again = await reopen();
  await expect(again.addImage(imageOf("c", 3, 1))).rejects.toMatchObject({ code: "store-full" });
});

test("masks replace the version that was read, and no other", async () => {
  const { store, reopen } = await openBrowser();
  expect(await store.masks("a")).toBeNull();
  const first = await store.keepMasks("a", masksOf(1), { version: null });
  await expect(store.keepMasks("a", masksOf(9), { version: null })).rejects.toMatchObject({
    code: "precondition-failed",
  });
  const second = await store.keepMasks("a", masksOf(1, 2), { version: first });
  expect(second).not.toBe(first);
  await expect(store.keepMasks("a", masksOf(9), { version: first })).rejects.toMatchObject({
    code: "precondition-failed",
  });
  const again = await reopen();
  expect(await again.masks("a")).toEqual({ document: masksOf(1, 2), version: second });
  expect(await again.maskIds()).toEqual(["a"]);
});

test("of many that replace the same version at once, one gets through", async () => {
  const { store } = await openBrowser();
  const version = await store.keepMasks("a", masksOf(0), { version: null });
  const tries = await Promise.allSettled(
    Array.from({ length: 8 }, (_, i) => store.keepMasks("a", masksOf(i), { version })),
  );
  expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
});

test("masks that come after others were removed have another version than those", async () => {
  const { store } = await openBrowser();
  const first = await store.keepMasks("a", masksOf(1), { version: null });
  await store.removeMasks("a");
  const later = await store.keepMasks("a", masksOf(2), { version: null });
  expect(Number(later)).toBeGreaterThanOrEqual(Number(first));
  await expect(store.keepMasks("a", masksOf(3), { version: "1" })).rejects.toMatchObject({
    code: "precondition-failed",
  });
});

test("what is unfinished comes back with its arrays", async () => {
  const { store, reopen } = await openBrowser();
  const shape = measureShape({ width: 4, height: 2, counts: Uint32Array.of(3, 2, 3) });
  const draft = { ...EMPTY_DRAFT, painted: shape };
  await store.keepUnfinished("a", { draft, cutOuts: [{ id: "1", name: "pear", shape }] });
  await store.keepUnfinished("b", { draft, cutOuts: [] });
  await store.keepUnfinished("b", null);
  const left = await (await reopen()).unfinished();
  expect([...left.keys()]).toEqual(["a"]);
  expect(left.get("a")).toMatchObject({ draft, cutOuts: [{ name: "pear", shape }] });
});

test("a browser without storage keeps nothing, and says so", async () => {
  vi.stubGlobal("indexedDB", {
    open() {
      throw new DOMException("forbidden", "SecurityError");
    },
  });
  expect(await openLocalStore("none")).toBeNull();
});

test("the list of classes is kept with a version, and another window's is not written over", async () => {
  const { store, reopen } = await openBrowser();
  const pear = { id: "0b6ad5a4-6f4a-4d2e-8a57-0d8f6f0c1a01", name: "pear", colour: 0, merged_ids: [] };
  expect(await store.classes()).toBeNull();
  const first = await store.keepClasses({ classes: [pear] }, { version: null });
  await expect(store.keepClasses({ classes: [] }, { version: null })).rejects.toMatchObject({
    code: "precondition-failed",
  });
  const again = await reopen();
  expect(await again.classes()).toEqual({ document: { classes: [pear] }, version: first });
  expect(await again.keepClasses({ classes: [] }, { version: first })).not.toBe(first);
  await again.removeClasses();
  expect(await again.classes()).toBeNull();
});
