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
  keeper.flush(true);
  await settle();
  expect(sent().map(({ annotations }) => annotations.length)).toEqual([2]);
});

test("in a page that does all by itself, what the server keeps for an image of its own comes back and is kept on", async () => {
  const { sent, objects, keepOne, answer, settle } = openMaskPage({
    mode: "browser",
    stored: 2,
    place: "server",
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

test("objects of an image that lies nowhere are kept nowhere, which is said when the page is left", async () => {
  const { keeper, browser, sent, keepOne, answer, settle } = openMaskPage({ place: "page" });
  await answer();
  expect(keeper.hasUnsent()).toBe(false);
  keepOne();
  await settle();
  expect([sent(), browser.kept]).toEqual([[], []]);
  expect(keeper.hasUnsent()).toBe(true);
});

test("objects of an image in this browser are kept and found there, opened or not", async () => {
  const first = openMaskPage({ place: "browser", isOpened: false });
  await first.answer();
  first.keepOne();
  expect(first.keeper.hasUnsent()).toBe(true);
  await first.settle();
  expect(first.keeper.hasUnsent()).toBe(false);
  expect(first.sent()).toEqual([]);
  const again = openMaskPage({ place: "browser", isOpened: false, browser: first.browser });
  await again.settle();
  const ids = ({ objects }: typeof first) => objects().map(({ id }) => id);
  expect(ids(again)).toEqual(ids(first));
});

test("two windows of one browser join what they make of the same image", async () => {
  const one = openMaskPage({ place: "browser" });
  const other = openMaskPage({ place: "browser", browser: one.browser });
  await one.settle();
  await other.settle();
  one.keepOne();
  await one.settle();
  other.keepOne();
  await other.settle();
  expect(one.browser.kept.at(-1)!.annotations).toHaveLength(2);
});

test("objects go to the server once it has the image, and leave this browser when it has them", async () => {
  const { keeper, browser, sent, objects, keepOne, answer, settle, move } = openMaskPage({
    place: "browser",
    stored: 1,
  });
  await settle();
  keepOne();
  await settle();
  move("server");
  expect(await browser.api.masks("")).not.toBeNull();
  await answer();
  expect(objects()).toHaveLength(2);
  await settle();
  expect(sent().map(({ annotations }) => annotations.length)).toEqual([2]);
  expect(await browser.api.masks("")).toBeNull();
  expect(keeper.hasUnsent()).toBe(false);
});

test("what a crash has left in this browser joins the server's, once", async () => {
  const first = openMaskPage({ place: "browser" });
  await first.settle();
  first.keepOne();
  await first.settle();
  const { browser } = first;
  const after = openMaskPage({ stored: 1, inBrowser: true, browser, isOpened: false });
  await after.answer();
  await after.settle();
  expect(after.sent().map(({ annotations }) => annotations.length)).toEqual([2]);
  expect(await browser.api.masks("")).toBeNull();
  const later = openMaskPage({ server: after.server, inBrowser: true, browser });
  await later.answer();
  await later.settle();
  expect([later.objects().length, later.sent()]).toEqual([2, []]);
});
