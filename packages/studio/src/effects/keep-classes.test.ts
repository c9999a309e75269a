import type { KeptClasses } from "@segany/server/contract";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { StudioError } from "../errors.js";
import { writeKeptClasses } from "../formats/kept-classes.js";
import { addClasses, type ClassList, removeClass, renameClass } from "../state/classes.js";
import { createStudioStore } from "../state/create-store.js";
import { DEFAULT_PREFERENCES } from "../state/initial-state.js";
import { classList } from "../state/selectors.js";
import { watchClasses } from "./keep-classes.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A server, or a browser's store: one list with a version, and a fault that a test asks for. */
function createPlace(first?: KeptClasses) {
  let kept = first ? { text: JSON.stringify(first), version: "0" } : null;
  let fault: "reading" | "sending" | "answering" | null = null;
  let last = 0;
  const fails = (what: typeof fault) => {
    if (fault !== what) return;
    fault = null;
    throw new StudioError("server-unreachable", "not now");
  };
  return {
    asked: 0,
    fail: (how: typeof fault) => {
      fault = how;
    },
    names: () => kept && (JSON.parse(kept.text) as KeptClasses).classes.map(({ name }) => name),
    async classes() {
      fails("reading");
      return kept && { document: JSON.parse(kept.text) as KeptClasses, version: kept.version };
    },
    async keepClasses(document: KeptClasses, { version }: { readonly version: string | null }) {
      this.asked++;
      fails("sending");
      if (version !== (kept?.version ?? null)) throw new StudioError("precondition-failed", "changed");
      kept = { text: JSON.stringify(document), version: `${++last}` };
      fails("answering");
      return kept.version;
    },
    async removeClasses() {
      kept = null;
    },
  };
}
type Place = ReturnType<typeof createPlace>;

function openPage({ server = null as Place | null, browser = null as Place | null }) {
  const store = createStudioStore(DEFAULT_PREFERENCES);
  let found = server;
  const keeper = watchClasses(store, { server: () => found, browser });
  const edit = (change: (classes: ClassList) => ClassList) => store.editClasses("Edit", change);
  return {
    store,
    keeper,
    edit,
    add: (...names: readonly string[]) => edit((classes) => addClasses(classes, names)),
    names: () => classList(store.getState()).map(({ name }) => name),
    find: (place: Place) => {
      found = place;
      keeper.refresh();
    },
    notices: () => store.getState().notices.map(({ text }) => text),
  };
}
const settle = () => vi.advanceTimersByTimeAsync(1000);
const documentOf = (...names: readonly string[]) => writeKeptClasses(addClasses([], names));

test("without a server the browser keeps the list for the next page", async () => {
  const browser = createPlace();
  const page = openPage({ browser });
  await settle();
  page.add("pear");
  page.add("box");
  expect(page.keeper.hasUnsent()).toBe(true);
  await settle();
  expect([browser.names(), browser.asked, page.keeper.hasUnsent()]).toEqual([["pear", "box"], 1, false]);
  const next = openPage({ browser });
  await settle();
  expect([next.names(), browser.asked]).toEqual([["pear", "box"], 1]);
  next.store.undo();
  expect(next.names()).toEqual(["pear", "box"]); // what was there before is no step
});

test("what the browser has joins a server that is found, and leaves the browser", async () => {
  const browser = createPlace(documentOf("pear", "own"));
  const server = createPlace(documentOf("box", "pear"));
  const page = openPage({ browser });
  await settle();
  page.find(server);
  await settle();
  expect([page.names(), server.names(), browser.names()]).toEqual([
    ["box", "pear", "own"],
    ["box", "pear", "own"],
    null,
  ]);
});

test("two pages get what either makes, also of one list that both begin", async () => {
  const server = createPlace();
  const [ann, ben] = [openPage({ server }), openPage({ server })];
  await settle();
  ann.add("pear", "box");
  ben.add("cup");
  await settle();
  ann.keeper.refresh();
  await settle();
  for (const page of [ann, ben]) expect(page.names().toSorted()).toEqual(["box", "cup", "pear"]);
  ann.edit((classes) => renameClass(classes, classes.find(({ name }) => name === "pear")!.id, "Birne"));
  ben.edit((classes) => removeClass(classes, classes.find(({ name }) => name === "box")!.id));
  await settle();
  ann.keeper.refresh();
  await settle();
  for (const page of [ann, ben]) expect(page.names().toSorted()).toEqual(["Birne", "cup"]);
  expect(server.names()!.toSorted()).toEqual(["Birne", "cup"]);
  ben.store.undo(); // his deletion alone
  expect(ben.names().toSorted()).toEqual(["Birne", "box", "cup"]);
});

test("what was taken without an answer is no change of others", async () => {
  const server = createPlace();
  const page = openPage({ server });
  await settle();
  server.fail("answering");
  page.add("pear");
  await settle();
  expect(page.notices()[0]).toContain("The classes are not kept");
  page.edit((classes) => removeClass(classes, classes[0]!.id));
  page.add("box");
  await settle();
  expect([page.names(), server.names()]).toEqual([["box"], ["box"]]);
});

test("a list that can't be read is not written over, and one that can't be sent is sent later", async () => {
  const server = createPlace(documentOf("pear"));
  server.fail("reading");
  const page = openPage({ server });
  await settle();
  page.add("box");
  await settle();
  expect([server.names(), page.keeper.hasUnsent(), page.notices()[0]]).toEqual([
    ["pear"],
    true,
    "The classes can't be read. not now",
  ]);
  page.keeper.refresh();
  server.fail("sending");
  await settle();
  expect(server.names()).toEqual(["pear"]);
  page.add("cup");
  page.keeper.flush(true);
  await settle();
  expect(server.names()).toEqual(["pear", "box", "cup"]);
});

test("where nothing is kept at all, the page says so when it is left", async () => {
  const page = openPage({});
  await settle();
  expect(page.keeper.hasUnsent()).toBe(false);
  page.add("pear");
  await settle();
  expect(page.keeper.hasUnsent()).toBe(true);
});
