import { imagePoint } from "@segany/masks";
import { expect, test } from "vitest";
import { addClasses, mergeClass, removeClass, renameClass } from "../state/classes.js";
import { createStudioStore } from "../state/create-store.js";
import { EMPTY_DOCUMENT } from "../state/document.js";
import { addPoint, answerDraft } from "../state/draft-edits.js";
import { addObjects, updateObject } from "../state/edits.js";
import { startHistory } from "../state/history.js";
import { DEFAULT_PREFERENCES } from "../state/initial-state.js";
import { classOfObject, openDocument, undoLabel } from "../state/selectors.js";
import type { Studio } from "../studio.js";
import { alternativeOf, drawnShape, readyImage } from "../testing/document-parts.js";
import { listenToKeys } from "./keyboard.js";
import { performCommand } from "./perform.js";
import { COMMANDS } from "./registry.js";

const SHAPE = drawnShape("##");

/** A studio with an image of so many objects and with classes, and what keys do in it. */
function setUp(objects: number, ...names: readonly string[]) {
  const store = createStudioStore(DEFAULT_PREFERENCES);
  const made = Array.from({ length: objects }, () => ({ ...SHAPE, source: "prompt" as const }));
  store.set(() => ({
    images: [readyImage(addObjects(EMPTY_DOCUMENT, made))],
    openImageId: "p",
    classes: startHistory(addClasses([], names)),
  }));
  const studio = store as Partial<Studio> as Studio;
  const target = new EventTarget();
  listenToKeys(studio, target, { commands: COMMANDS, isMac: false });
  const document = () => openDocument(store.getState());
  return {
    store,
    document,
    ids: () => document().objects.map(({ id }) => id),
    classes: () => store.getState().classes.present,
    /** By object; null for none. */
    given: () => document().objects.map((each) => classOfObject(store.getState(), each)?.name ?? null),
    press: (key: string) =>
      target.dispatchEvent(Object.assign(new Event("keydown", { cancelable: true }), { key, code: "" })),
    act: (id: string) => performCommand(COMMANDS.find((command) => command.id === id)!, studio),
    click: (masks: number) => {
      store.edit("Add point", (before) => addPoint(before, imagePoint([1, 1]), 1));
      const alternatives = Array.from({ length: masks }, (_, i) => alternativeOf(SHAPE, 0.9 - i / 10));
      store.amend((before) => answerDraft(before, alternatives));
    },
  };
}

test("a digit gives the class of its place to all that is selected, in one step", () => {
  const { store, ids, given, press } = setUp(3, "pear", "box");
  store.set(() => ({ selectedIds: ids().slice(0, 2) }));
  press("2");
  expect(given()).toEqual(["box", "box", null]);
  press("2"); // changes nothing, and is no step
  press("1");
  press("3"); // there is no third class
  expect(given()).toEqual(["pear", "pear", null]);
  expect(undoLabel(store.getState())).toBe("Change class of 2 objects");
  store.undo();
  expect(given()).toEqual(["box", "box", null]);
  store.undo();
  expect(given()).toEqual([null, null, null]);
});

test("new objects get the class that was given last, until it is none again", async () => {
  const { given, press, act, click } = setUp(0, "pear", "box");
  press("2");
  for (const _ of [1, 2]) {
    click(1);
    await act("mask.keep");
  }
  press("1"); // the one that was kept last is selected
  click(1);
  await act("mask.keep");
  expect(given()).toEqual(["box", "pear", "pear"]);
  await act("classes.give-none");
  click(1);
  await act("mask.keep");
  expect(given()).toEqual(["box", "pear", null, null]);
});

test("while several masks are offered digits choose among them, and give no class", async () => {
  const { store, document, ids, given, press, act, click } = setUp(1, "a", "b", "c", "d");
  store.set(() => ({ selectedIds: ids() }));
  click(3);
  press("2");
  press("4");
  expect(document().draft.chosen).toBe(1);
  expect([given(), store.getState().nextClassId]).toEqual([[null], null]);
  await act("mask.keep");
  press("4");
  expect(given()).toEqual([null, "d"]);
});

test("with one mask in the making a digit is for that mask, not for what is selected", async () => {
  const { store, ids, given, press, act, click } = setUp(1, "a", "b");
  store.set(() => ({ selectedIds: ids() }));
  click(1);
  press("2");
  expect(given()).toEqual([null]);
  await act("mask.keep");
  expect(given()).toEqual([null, "b"]);
});

test("while an object's mask is edited a digit is for that object", async () => {
  const { store, ids, given, press, act } = setUp(2, "a", "b");
  store.set(() => ({ selectedIds: [ids()[0]!] }));
  await act("objects.edit");
  store.set(() => ({ selectedIds: [ids()[1]!] }));
  press("2");
  await act("mask.keep");
  expect(given()).toEqual(["b", null]);
});

test("locked objects keep their class, and the user hears of it where all are", () => {
  const { store, ids, given, press } = setUp(2, "a");
  const [first] = ids();
  store.edit("Lock", (before) => updateObject(before, first!, { locked: true }));
  store.set(() => ({ selectedIds: ids() }));
  press("1");
  expect([given(), store.getState().notices]).toEqual([[null, "a"], []]);
  store.set(() => ({ selectedIds: [first!] }));
  press("1");
  expect(given()).toEqual([null, "a"]);
  expect(store.getState().notices[0]!.text).toContain("locked");
});

test("classes that are renamed, merged and deleted take objects along, and undo brings all of it back", () => {
  const { store, ids, classes, given, press } = setUp(2, "pear", "box");
  store.set(() => ({ selectedIds: [ids()[0]!] }));
  press("1");
  const [pear, box] = classes().map(({ id }) => id) as [string, string];
  store.editClasses("Rename", (list) => renameClass(list, pear, "Birne"));
  expect(given()).toEqual(["Birne", null]);
  store.set(() => ({ selectedIds: [ids()[1]!] }));
  press("2");
  store.editClasses("Merge", (list) => mergeClass(list, pear, box));
  expect(given()).toEqual(["box", "box"]);
  store.editClasses("Delete", (list) => removeClass(list, box));
  expect(given()).toEqual([null, null]);
  const all = [
    ["box", "box"],
    ["Birne", "box"],
    ["Birne", null],
    ["pear", null],
    [null, null],
  ];
  for (const expected of all) {
    store.undo();
    expect(given()).toEqual(expected);
  }
  for (const expected of all.slice(0, -1).reverse()) {
    store.redo();
    expect(given()).toEqual(expected);
  }
  store.redo();
  expect(given()).toEqual([null, null]);
});

test("what is selected is shown, locked and deleted in one step each", async () => {
  const { store, ids, document, act } = setUp(4);
  const [first, second, third, fourth] = ids() as [string, string, string, string];
  await act("objects.select-all");
  expect(store.getState().selectedIds).toEqual(ids());
  store.set(() => ({ selectedIds: [third, second] }));
  await act("objects.visible");
  expect(document().objects.map(({ visible }) => visible)).toEqual([true, false, false, true]);
  await act("objects.locked");
  await act("objects.locked");
  store.edit("Lock", (before) => updateObject(before, second, { locked: true }));
  await act("objects.delete");
  expect(ids()).toEqual([first, second, fourth]);
  expect(store.getState().selectedIds).toEqual([fourth]);
  expect(undoLabel(store.getState())).toBe("Delete object");
  store.undo();
  expect(ids()).toEqual([first, second, third, fourth]);
});
