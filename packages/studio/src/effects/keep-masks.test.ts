import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { openMaskPage } from "../testing/mask-page.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test("what was kept before comes back, and is no step that undo takes away", async () => {
  const { store, objects, sent, answer, settle } = openMaskPage({ stored: 2 });
  await answer();
  expect(objects()).toHaveLength(2);
  store.undo();
  expect(objects()).toHaveLength(2);
  await settle();
  expect(sent()).toEqual([]);
});

test("an object that is kept while the old ones are on their way joins them, and all are sent", async () => {
  const { store, objects, sent, keepOne, answer, settle } = openMaskPage({ stored: 2 });
  keepOne();
  await settle();
  expect(sent()).toEqual([]);
  await answer();
  expect(objects()).toHaveLength(3);
  await settle();
  expect(sent().map(({ annotations }) => annotations.length)).toEqual([3]);
  store.undo();
  await settle();
  expect(sent().at(-1)!.annotations).toHaveLength(2);
});

test("where the old ones can't be read nothing is written over them", async () => {
  const { store, sent, keepOne, answer, settle } = openMaskPage({ fails: true });
  await answer();
  keepOne();
  await settle();
  expect(sent()).toEqual([]);
  expect(store.getState().notices[0]!.text).toContain("not kept on the server");
});

test("what could not be sent is sent again with the next change of the gallery, and told of", async () => {
  const { store, server, sent, keepOne, answer, settle } = openMaskPage();
  await answer();
  server.fail("request");
  keepOne();
  await settle();
  expect([server.asked(), sent()]).toEqual([1, []]);
  expect(store.getState().notices[0]!.text).toContain("not kept on the server");
  store.set(({ images }) => ({ images: [...images] }));
  await settle();
  expect(sent().map(({ annotations }) => annotations.length)).toEqual([1]);
  store.set(({ images }) => ({ images: [...images] }));
  await settle();
  expect(sent()).toHaveLength(1);
});

test("changes that follow each other are sent once, and at once when the page is left", async () => {
  const { keeper, sent, keepOne, answer, settle } = openMaskPage();
  await answer();
  keepOne();
  keepOne();
  keeper.flush();
  await settle();
  expect(sent().map(({ annotations }) => annotations.length)).toEqual([2]);
});

test("in a page that does all by itself, what the server keeps for an image of its own comes back and is kept on", async () => {
  const { sent, objects, keepOne, answer, settle } = openMaskPage({
    mode: "browser",
    stored: 2,
    isStored: true,
  });
  await answer();
  expect(objects()).toHaveLength(2);
  keepOne();
  await settle();
  expect(sent().map(({ annotations }) => annotations.length)).toEqual([3]);
});

test("what the server keeps for images that were never opened is read when all of it is wanted, once", async () => {
  const { store, keeper, sent, objects, answer, settle } = openMaskPage({
    stored: 2,
    isStored: true,
    isOpened: false,
  });
  await answer();
  expect(objects()).toEqual([]);
  await Promise.all([keeper.readAll(), keeper.readAll()]);
  store.set(() => ({ images: [{ ...store.getState().images[0]!, loading: { phase: "ready" } }] }));
  await settle();
  expect(objects()).toHaveLength(2);
  expect(sent()).toEqual([]);
});

test("masks that are imported into an image that was never opened join those that are kept", async () => {
  const { sent, keepOne, objects, answer, settle } = openMaskPage({
    stored: 2,
    isStored: true,
    isOpened: false,
  });
  keepOne();
  await answer();
  expect(objects()).toHaveLength(3);
  await settle();
  expect(sent().map(({ annotations }) => annotations.length)).toEqual([3]);
});

test("objects of an image that the server has are kept there after the model moves into the page", async () => {
  const { store, sent, keepOne, answer, settle } = openMaskPage();
  await answer();
  store.set(({ preferences }) => ({ preferences: { ...preferences, mode: "browser" } }));
  keepOne();
  await settle();
  expect(sent().map(({ annotations }) => annotations.length)).toEqual([1]);
});

test("an image that never left this browser is left alone", async () => {
  const { sent, keepOne, answer, settle } = openMaskPage({ mode: "browser" });
  await answer();
  keepOne();
  await settle();
  expect(sent()).toEqual([]);
});
