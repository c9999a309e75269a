import type { KeptMasks } from "@segany/server/contract";
import { array, assert, asyncProperty, constantFrom, integer, record } from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { EMPTY_DOCUMENT } from "../state/document.js";
import { paintDraft } from "../state/draft-edits.js";
import { addObjects, editObject, keepDraft, removeObjects, updateObject } from "../state/edits.js";
import { startHistory } from "../state/history.js";
import { documentOf, openMaskPage } from "../testing/mask-page.js";
import { createMaskServer, type MaskServer } from "../testing/mask-server.js";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

type Page = ReturnType<typeof openMaskPage>;

/** Pages over one server that has two objects, each page having read them. */
async function openPages(count = 2, server: MaskServer = createMaskServer()) {
  if (server.kept.length === 0) server.put(documentOf(2, (id) => ({ name: `Object ${id}`, note: { id } })));
  const pages = Array.from({ length: count }, () => openMaskPage({ server }));
  for (const page of pages) await page.answer();
  return { server, pages: pages as [Page, Page, ...Page[]] };
}

const namesIn = (page: Page) => page.objects().map(({ name }) => name);
const namesKept = ({ kept }: MaskServer) => kept.at(-1)!.annotations.map(({ name }) => name);
const rename = (page: Page, index: number, name: string) =>
  page.store.edit("Rename", (document) => updateObject(document, document.objects[index]!.id, { name }));
const remove = (page: Page, index: number) =>
  page.store.edit("Delete", (document) => removeObjects(document, [document.objects[index]!.id]));
const add = (page: Page, name: string) =>
  page.store.edit("Keep", (document) => {
    const { segmentation, areaPx, boxXywh } = document.objects[0]!;
    return addObjects(document, [{ segmentation, areaPx, boxXywh, source: "prompt", name }]);
  });
const questions = (page: Page) => page.store.getState().questions;
const notices = (page: Page) => page.store.getState().notices.map(({ text }) => text);

describe("of two pages with one image", () => {
  it("each adds objects, and all stay in both", async () => {
    const {
      server,
      pages: [a, b],
    } = await openPages();
    add(a, "of a");
    await a.settle();
    add(b, "of b");
    await b.settle();
    expect(namesKept(server)).toEqual(["Object 0", "Object 1", "of a", "of b"]);
    expect(namesIn(b)).toEqual(namesKept(server));
    rename(a, 0, "Pear");
    await a.settle();
    expect(namesIn(a)).toEqual(["Pear", "Object 1", "of a", "of b"]);
    expect(namesKept(server)).toEqual(namesIn(a));
    expect(notices(a)).toEqual(["1 object changed by others joined yours."]);
    expect(new Set(server.kept.at(-1)!.annotations.map(({ id }) => id)).size).toBe(4);
  });

  it("one changes, the other deletes something else, and both is so", async () => {
    const {
      server,
      pages: [a, b],
    } = await openPages();
    rename(a, 0, "Pear");
    await a.settle();
    remove(b, 1);
    await b.settle();
    expect([namesKept(server), namesIn(b)]).toEqual([["Pear"], ["Pear"]]);
  });

  it("each takes back its own steps only", async () => {
    const {
      server,
      pages: [a, b],
    } = await openPages();
    rename(a, 0, "Pear");
    await a.settle();
    rename(b, 1, "Apple");
    add(b, "of b");
    await b.settle();
    expect(namesIn(b)).toEqual(["Pear", "Apple", "of b"]);
    b.store.undo();
    b.store.undo();
    expect(namesIn(b)).toEqual(["Pear", "Object 1"]);
    b.store.redo();
    await b.settle();
    expect(namesKept(server)).toEqual(["Pear", "Apple"]);
  });

  it("fields of others are kept by both", async () => {
    const {
      server,
      pages: [a, b],
    } = await openPages();
    const [first, second] = server.kept[0]!.annotations;
    server.put({
      ...server.kept[0]!,
      info: "by a script",
      annotations: [{ ...first!, score: 1 }, second!],
    } as KeptMasks);
    rename(b, 1, "Apple");
    await b.settle();
    rename(a, 0, "Pear");
    await a.settle();
    // The script changed the first object, and so did a.
    a.keeper.answer(questions(a)[0]!.imageId, { [questions(a)[0]!.conflicts[0]!.id]: "theirs" });
    await a.settle();
    expect(server.kept.at(-1)).toMatchObject({
      info: "by a script",
      annotations: [
        { name: "Object 0", score: 1, note: { id: 0 } },
        { name: "Apple", note: { id: 1 } },
      ],
    });
  });

  it("a mask that is being made anew of what the other changed becomes an object of its own", async () => {
    const {
      pages: [a, b],
    } = await openPages();
    rename(a, 0, "Pear");
    await a.settle();
    b.store.edit("Edit", (document) => editObject(document, document.objects[0]!.id));
    add(b, "of b");
    await b.settle();
    b.store.edit("Paint", (document) => paintDraft(document, document.objects[1]!));
    b.store.edit("Keep", keepDraft);
    await b.settle();
    expect(namesIn(b)).toEqual(["Pear", "Object 1", "of b", "Object 4"]);
  });
});

describe("an object that both have changed", () => {
  /** Both rename the first object, a before b, which now has the question. */
  async function openQuestion() {
    const opened = await openPages();
    const {
      pages: [a, b],
    } = opened;
    rename(a, 0, "of a");
    await a.settle();
    rename(b, 0, "of b");
    await b.settle();
    const [question] = questions(b);
    const { conflicts, imageId } = question!;
    const decide = async (choice: "mine" | "theirs" | "both") => {
      b.keeper.answer(imageId, { [conflicts[0]!.id]: choice });
      await b.settle();
    };
    return { ...opened, a, b, conflicts, imageId, decide };
  }

  it("is asked for with both versions, and nothing is written meanwhile", async () => {
    const { server, b, conflicts } = await openQuestion();
    expect(conflicts).toMatchObject([{ mine: { name: "of b" }, theirs: { name: "of a" } }]);
    add(b, "more");
    await b.settle();
    expect(server.kept).toHaveLength(2);
    expect(namesIn(b)).toEqual(["of b", "Object 1", "more"]);
    expect(b.keeper.hasUnsent()).toBe(true);
  });

  it.each([
    ["mine", ["of b", "Object 1"]],
    ["theirs", ["of a", "Object 1"]],
    ["both", ["of a", "Object 1", "of b (2)"]],
  ] as const)("becomes %s", async (choice, expected) => {
    const { server, a, b, decide } = await openQuestion();
    await decide(choice);
    expect(questions(b)).toEqual([]);
    expect(namesIn(b)).toEqual(expected);
    expect(namesKept(server)).toEqual(expected);
    expect(b.keeper.hasUnsent()).toBe(false);
    rename(a, 1, "later");
    await a.settle();
    expect(questions(a)).toEqual([]);
    expect(namesIn(a)).toEqual([expected[0], "later", ...expected.slice(2)]);
    b.store.undo(); // what b did is taken back, what a did is not
    expect(namesIn(b)).toEqual(["of a", "Object 1"]);
  });

  it("is not decided: what is here and what is there stay, and the next change asks again", async () => {
    const { server, b, imageId } = await openQuestion();
    b.keeper.answer(imageId, null);
    b.store.set(({ images }) => ({ images: [...images] }));
    await b.settle();
    expect(questions(b)).toEqual([]);
    expect(notices(b).at(-1)).toMatch(/not kept on the server.*next change/);
    expect([namesIn(b), namesKept(server)]).toEqual([
      ["of b", "Object 1"],
      ["of a", "Object 1"],
    ]);
    add(b, "more");
    await b.settle();
    expect(questions(b)).toHaveLength(1);
  });

  it("is asked for again where they have changed it again meanwhile", async () => {
    const { server, a, b, decide } = await openQuestion();
    rename(a, 0, "of a again");
    await a.settle();
    await decide("mine");
    expect(questions(b)[0]!.conflicts).toMatchObject([
      { mine: { name: "of b" }, theirs: { name: "of a again" } },
    ]);
    expect(namesKept(server)).toEqual(["of a again", "Object 1"]);
  });

  it("is no question any more when its image is taken out of the gallery, and is read anew when it comes back", async () => {
    const { b, image, settled } = await openQuestion().then((opened) => ({
      ...opened,
      image: opened.b.store.getState().images[0]!,
      settled: opened.b.settle,
    }));
    b.store.set(() => ({ images: [] }));
    await settled();
    expect([questions(b), b.keeper.hasUnsent()]).toEqual([[], false]);
    b.store.set(() => ({ images: [{ ...image, history: startHistory(EMPTY_DOCUMENT) }] }));
    await settled();
    expect(namesIn(b)).toEqual(["of a", "Object 1"]);
  });
});

it.each([
  ["a deleted, b changed, mine", 0, "mine", ["of b", "Object 1"]],
  ["a deleted, b changed, theirs", 0, "theirs", ["Object 1"]],
  ["a changed, b deleted, mine", 1, "mine", ["Object 1"]],
  ["a changed, b deleted, theirs", 1, "theirs", ["of a", "Object 1"]],
] as const)(
  "what one has deleted and the other changed is asked for: %s",
  async (_, deleter, choice, expected) => {
    const {
      server,
      pages: [a, b],
    } = await openPages();
    for (const [i, page] of [a, b].entries()) {
      if (i === deleter) remove(page, 0);
      else rename(page, 0, i === 0 ? "of a" : "of b");
      await page.settle();
    }
    const [question] = questions(b);
    expect(question!.conflicts[0]![deleter === 0 ? "theirs" : "mine"]).toBeNull();
    b.keeper.answer(question!.imageId, { [question!.conflicts[0]!.id]: choice });
    await b.settle();
    expect([...namesKept(server)].sort()).toEqual([...expected].sort());
    expect([...namesIn(b)].sort()).toEqual([...expected].sort());
  },
);

describe("a page whose line is bad", () => {
  it("takes for its own what the server took without its answer coming back", async () => {
    const {
      server,
      pages: [a],
    } = await openPages();
    for (const name of ["one", "two", "three"]) {
      server.fail(name === "two" ? "request" : "answer");
      rename(a, 0, name);
      await a.settle();
    }
    rename(a, 0, "four");
    await a.settle();
    expect(questions(a)).toEqual([]);
    expect(namesKept(server)).toEqual(["four", "Object 1"]);
    expect(notices(a).filter((text) => text.includes("others"))).toEqual([]);
  });

  it("sends one document at a time, and then what was changed meanwhile", async () => {
    const server = createMaskServer();
    const { keepMasks } = server.api;
    let underWay = 0;
    let most = 0;
    let release: () => void = () => undefined;
    server.api.keepMasks = async (...call) => {
      underWay++;
      most = Math.max(most, underWay);
      await new Promise<void>((resolve) => {
        release = resolve;
      });
      underWay--;
      return keepMasks(...call);
    };
    const {
      pages: [a],
    } = await openPages(1, server);
    for (const name of ["one", "two", "three"]) {
      rename(a, 0, name);
      await a.settle();
      a.keeper.flush(true);
    }
    expect(a.keeper.hasUnsent()).toBe(true);
    for (let i = 0; i < 2; i++) {
      release();
      await a.settle();
    }
    expect([most, server.kept.length, namesKept(server)]).toEqual([1, 3, ["three", "Object 1"]]);
    expect(a.keeper.hasUnsent()).toBe(false);
  });

  it("sends all to a server whose image was deleted and has come back", async () => {
    const {
      server,
      pages: [a],
    } = await openPages();
    server.put({ ...server.kept[0]!, info: "by a script" });
    rename(a, 0, "Apple");
    await a.settle();
    server.clear();
    rename(a, 0, "Pear");
    await a.settle();
    expect(server.kept.at(-1)).toMatchObject({ info: "by a script" });
    expect([namesKept(server), namesIn(a)]).toEqual([
      ["Pear", "Object 1"],
      ["Pear", "Object 1"],
    ]);
  });
});

it("shown and locked objects are a matter of the page, and nothing to send", async () => {
  const {
    server,
    pages: [a],
  } = await openPages();
  a.store.edit("Hide", (document) =>
    updateObject(document, document.objects[0]!.id, { visible: false, locked: true }),
  );
  await a.settle();
  expect([server.asked(), a.keeper.hasUnsent()]).toEqual([0, false]);
});

it("pages that work in any order end with the same objects, and nothing is lost that nobody deleted", async () => {
  const step = record({
    page: integer({ min: 0, max: 2 }),
    what: constantFrom("add", "add", "rename", "remove", "undo", "wait", "wait", "lose the answer"),
    at: integer({ min: 0, max: 5 }),
    choice: constantFrom("mine", "theirs", "both"),
  });
  await assert(
    asyncProperty(array(step, { maxLength: 25 }), async (steps) => {
      const { server, pages } = await openPages(3);
      const added = new Set<string>();
      const gone = new Set<string>();
      const settle = async (choice: "mine" | "theirs" | "both") => {
        // Every page is told of a change of its gallery, so that it sends what it has.
        for (let round = 0; round < 3; round++)
          for (const page of pages) {
            page.store.set(({ images }) => ({ images: [...images] }));
            await page.settle();
            while (questions(page)[0]) {
              const [{ imageId, conflicts }] = questions(page) as [
                NonNullable<ReturnType<typeof questions>[0]>,
              ];
              page.keeper.answer(imageId, Object.fromEntries(conflicts.map(({ id }) => [id, choice])));
              await page.settle();
            }
          }
      };
      for (const [i, { page: which, what, at, choice }] of steps.entries()) {
        const page = pages[which]!;
        const index = at % Math.max(1, page.objects().length);
        const target = page.objects()[index];
        if (what === "add" && page.objects().length > 0) {
          add(page, `added ${i}`);
          added.add(page.objects().at(-1)!.id);
        } else if (what === "rename" && target) rename(page, index, `renamed ${i}`);
        else if (what === "remove" && target) {
          gone.add(target.id);
          remove(page, index);
        } else if (what === "undo") {
          const before = page.objects();
          page.store.undo();
          const left = new Set(page.objects().map(({ id }) => id));
          for (const { id } of before) if (!left.has(id)) gone.add(id);
        } else if (what === "lose the answer") server.fail("answer");
        else if (what === "wait") await settle(choice);
      }
      await settle("both");
      // One more change in each page brings what the last one did to all.
      for (let round = 0; round < 2; round++)
        for (const page of pages) {
          if (page.objects().length === 0) continue;
          add(page, `last of ${pages.indexOf(page)} ${round}`);
          added.add(page.objects().at(-1)!.id);
          await settle("both");
        }
      const kept = server.kept.at(-1)!.annotations.map(({ uuid }) => uuid as string);
      for (const id of added) if (!gone.has(id)) expect(kept).toContain(id);
      expect(new Set(kept).size).toBe(kept.length);
      for (const page of pages) expect(page.keeper.hasUnsent()).toBe(false);
      for (const page of pages) page.keeper.close();
    }),
    { numRuns: 40 },
  );
});
