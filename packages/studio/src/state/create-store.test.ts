import { exclusiveBox, imagePoint } from "@segany/masks";
import { array, assert, constantFrom, nat, property, tuple } from "fast-check";
import { describe, expect, it, vi } from "vitest";
import { alternativeOf, drawnShape } from "../testing/document-parts.js";
import { addClasses } from "./classes.js";
import { createStudioStore } from "./create-store.js";
import { EMPTY_DOCUMENT } from "./document.js";
import { addPoint, answerDraft, chooseAlternative, paintDraft, removePoint, setBox } from "./draft-edits.js";
import {
  addCutOuts,
  addObjects,
  editObject,
  keepDraft,
  removeObjects,
  resetDraft,
  updateObject,
} from "./edits.js";
import { startHistory } from "./history.js";
import { DEFAULT_PREFERENCES } from "./initial-state.js";
import { openDocument, redoLabel, undoLabel } from "./selectors.js";
import type { StudioStore } from "./studio-store.js";
import type { GalleryImage } from "./types.js";

const SHAPES = [drawnShape("#."), drawnShape("##", "##"), drawnShape("", "..###")];

function openStore(...ids: readonly string[]): StudioStore {
  const store = createStudioStore(DEFAULT_PREFERENCES);
  const images = ids.map(
    (id): GalleryImage => ({
      id,
      name: `${id}.jpg`,
      width: 8,
      height: 6,
      thumbnailUrl: "",
      loading: { phase: "ready" },
      history: startHistory(EMPTY_DOCUMENT),
    }),
  );
  store.set(() => ({ images, openImageId: ids[0] ?? null }));
  return store;
}

/** What a user can do, by a number that chooses between objects, places and shapes. */
const COMMANDS: Readonly<Record<string, (store: StudioStore, n: number) => void>> = {
  "add point": (store, n) =>
    store.edit("Add point", (document) => addPoint(document, imagePoint([n % 8, n % 6]), n % 3 ? 1 : 0)),
  "remove point": (store, n) =>
    store.edit("Delete point", (document) => {
      const { points } = document.draft;
      return removePoint(document, points[n % Math.max(1, points.length)]?.id ?? "none");
    }),
  answer: (store, n) =>
    store.amend((document) =>
      document.draft.points.length > 0 || document.draft.boxXyxy
        ? answerDraft(
            document,
            SHAPES.map((shape, i) => alternativeOf(shape, ((n + i) % 3) / 3, i)),
          )
        : document,
    ),
  choose: (store, n) => store.edit("Choose mask", (document) => chooseAlternative(document, n % 3)),
  box: (store, n) =>
    store.edit("Draw box", (document) => setBox(document, exclusiveBox([0, 0, 1 + (n % 7), 1 + (n % 5)]))),
  paint: (store, n) => store.edit("Brush", (document) => paintDraft(document, SHAPES[n % 3]!)),
  keep: (store) => store.edit("Keep", keepDraft),
  reset: (store) => store.edit("Reset", resetDraft),
  edit: (store, n) => store.edit("Edit", (document) => editObject(document, idOf(store, n))),
  lock: (store, n) =>
    store.edit("Lock", (document) => updateObject(document, idOf(store, n), { locked: n % 2 === 0 })),
  remove: (store, n) => store.edit("Delete", (document) => removeObjects(document, [idOf(store, n)])),
  import: (store, n) =>
    store.edit("Import", (document) => addObjects(document, [{ ...SHAPES[n % 3]!, source: "import" }])),
  "cut out": (store, n) =>
    store.edit("Cut out", (document) => addCutOuts(document, [{ name: "c", shape: SHAPES[n % 3]! }])),
  undo: (store) => store.undo(),
  redo: (store) => store.redo(),
};

function idOf(store: StudioStore, n: number): string {
  const { objects } = openDocument(store.getState());
  return objects[n % Math.max(1, objects.length)]?.id ?? "none";
}

const scripts = array(tuple(constantFrom(...Object.keys(COMMANDS)), nat(100)), { maxLength: 60 });

describe("whatever a user does", () => {
  it("undo takes every step back, and redo makes them all again", () => {
    assert(
      property(scripts, (script) => {
        const store = openStore("a");
        for (const [name, n] of script) COMMANDS[name]!(store, n);
        while (redoLabel(store.getState())) store.redo();
        const seen = [openDocument(store.getState())];
        while (undoLabel(store.getState())) {
          store.undo();
          seen.unshift(openDocument(store.getState()));
        }
        expect(seen[0]).toEqual(EMPTY_DOCUMENT);
        for (const document of seen.slice(1)) {
          store.redo();
          expect(openDocument(store.getState())).toBe(document);
        }
      }),
    );
  });

  it("no two objects share an id, none is without pixels, and the draft is of one that is there", () => {
    assert(
      property(scripts, (script) => {
        const store = openStore("a");
        for (const [name, n] of script) {
          const before = openDocument(store.getState());
          COMMANDS[name]!(store, n);
          const { objects, draft } = openDocument(store.getState());
          expect(new Set(objects.map(({ id }) => id)).size).toBe(objects.length);
          expect(objects.every(({ areaPx }) => areaPx > 0)).toBe(true);
          if (draft.objectId !== null) expect(objects.map(({ id }) => id)).toContain(draft.objectId);
          if (name !== "remove") continue;
          const locked = before.objects.filter((object) => object.locked);
          for (const object of locked) expect(objects).toContain(object);
        }
      }),
    );
  });
});

it("an edit that changes nothing is no step, and nobody hears of it", () => {
  const store = openStore("a");
  const heard = vi.fn();
  store.subscribe(heard);
  store.edit("Keep", keepDraft);
  store.undo();
  store.editImage("not there", "Keep", (document) => ({ ...document }));
  expect(heard).not.toHaveBeenCalled();
  expect(undoLabel(store.getState())).toBeNull();
});

it("images have histories of their own", () => {
  const store = openStore("a", "b");
  store.editImage("b", "Import", (document) => addObjects(document, [{ ...SHAPES[0]!, source: "import" }]));
  store.undo();
  const objectsOf = (id: string) =>
    store.getState().images.find((image) => image.id === id)!.history.present.objects.length;
  expect([objectsOf("a"), objectsOf("b")]).toEqual([0, 1]);
  store.set(() => ({ openImageId: "b" }));
  expect(undoLabel(store.getState())).toBe("Import");
  store.undo();
  expect(redoLabel(store.getState())).toBe("Import");
  expect(objectsOf("b")).toBe(0);
});

it("what an image had all along is in every step", () => {
  const store = openStore("a");
  store.edit("Add point", (document) => addPoint(document, imagePoint([1, 1]), 1));
  store.edit("Add point", (document) => addPoint(document, imagePoint([2, 2]), 1));
  store.undo();
  store.editEveryStep("a", (document) => addObjects(document, [{ ...SHAPES[0]!, source: "import" }]));
  const count = () => openDocument(store.getState()).objects.length;
  expect(count()).toBe(1);
  store.redo();
  expect(count()).toBe(1);
  store.undo();
  store.undo();
  expect(count()).toBe(1);
  expect(undoLabel(store.getState())).toBeNull();
});

describe("steps of the list of classes", () => {
  const names = (store: StudioStore) => store.getState().classes.present.map(({ name }) => name);
  const add = (store: StudioStore, name: string) =>
    store.editClasses(`Add ${name}`, (classes) => addClasses(classes, [name]));
  const addObject = (store: StudioStore) =>
    store.edit("Import", (document) => addObjects(document, [{ ...SHAPES[0]!, source: "import" }]));
  const count = (store: StudioStore) => openDocument(store.getState()).objects.length;

  it("are taken back in turn with those of the open image, the last one first", () => {
    const store = openStore("a", "b");
    addObject(store);
    add(store, "pear");
    store.set(() => ({ openImageId: "b" }));
    addObject(store);
    add(store, "box");
    const seen = () => [names(store).join(), count(store)];
    expect(undoLabel(store.getState())).toBe("Add box");
    const states = [1, 2, 3].map(() => {
      store.undo();
      return seen();
    });
    expect(states).toEqual([
      ["pear", 1],
      ["pear", 0],
      ["", 0],
    ]);
    expect(undoLabel(store.getState())).toBeNull();
    for (const expected of [
      ["pear", 0],
      ["pear", 1],
      ["pear,box", 1],
    ]) {
      store.redo();
      expect(seen()).toEqual(expected);
    }
    store.set(() => ({ openImageId: "a" }));
    store.undo();
    store.undo();
    expect([seen(), undoLabel(store.getState())]).toEqual([["", 1], "Import"]);
  });

  it("are taken back at once where they were made together", () => {
    const store = openStore("a");
    store.together(() => {
      add(store, "pear");
      addObject(store);
    });
    add(store, "box");
    store.undo();
    store.undo();
    expect([names(store), count(store), undoLabel(store.getState())]).toEqual([[], 0, null]);
    store.redo();
    expect([names(store), count(store)]).toEqual([["pear"], 1]);
  });

  it("can't be made again after another step of the image, nor its after one of theirs", () => {
    const store = openStore("a");
    add(store, "pear");
    store.undo();
    addObject(store);
    expect(redoLabel(store.getState())).toBeNull();
    store.undo();
    add(store, "box");
    expect(redoLabel(store.getState())).toBeNull();
    add(store, "box"); // nothing new
    store.undo();
    expect(redoLabel(store.getState())).toBe("Add box");
  });
});
