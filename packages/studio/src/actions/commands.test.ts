import { exclusiveBox, type ImagePoint, imagePoint, maskToRuns } from "@segany/masks";
import { describe, expect, test } from "vitest";
import { createStudioStore } from "../state/create-store.js";
import { EMPTY_DOCUMENT, type MaskObject } from "../state/document.js";
import { addPoint, answerDraft, paintDraft, setBox } from "../state/draft-edits.js";
import { addCutOuts, addObjects, editObject, keepDraft, updateObject } from "../state/edits.js";
import { startHistory } from "../state/history.js";
import { DEFAULT_PREFERENCES } from "../state/initial-state.js";
import { measureShape } from "../state/mask-shape.js";
import { classList, openDocument } from "../state/selectors.js";
import type { FoundMask, GalleryImage } from "../state/types.js";
import type { Studio } from "../studio.js";
import type { Command } from "./command.js";
import { activeCursor } from "./cursor-commands.js";
import { performCommand } from "./perform.js";
import { COMMANDS } from "./registry.js";

const SIZE = { width: 8, height: 6 };
const SHAPE = measureShape(maskToRuns({ ...SIZE, data: new Uint8Array(48).fill(1, 0, 8) }));

const SELECTION = { predIouThresh: 0.88, stabilityScoreThresh: 0.95, boxNmsThresh: 0.7 };

/** A mask of the first so many pixels. */
function maskOfPixels(area: number): FoundMask {
  return {
    ...measureShape(maskToRuns({ ...SIZE, data: new Uint8Array(48).fill(1, 0, area) })),
    predictedIou: 0.9,
    stabilityScore: 0.96,
    points: [imagePoint([1, 0])],
  };
}

function setUp({ phase = "ready" as "ready" | "queued", images = 1 } = {}) {
  const store = createStudioStore(DEFAULT_PREFERENCES);
  const gallery = Array.from(
    { length: images },
    (_, i): GalleryImage => ({
      id: `p${i}`,
      name: `Image ${i}`,
      ...SIZE,
      thumbnailUrl: "",
      loading: phase === "ready" ? { phase } : { phase, position: 1 },
      history: startHistory(EMPTY_DOCUMENT),
    }),
  );
  store.set(() => ({
    images: gallery,
    openImageId: gallery[0]?.id ?? null,
    stageSize: { width: 80, height: 60 },
    view: { scale: 10, offsetX: 0, offsetY: 0 },
  }));
  const studio = {
    ...store,
    openImage: (openImageId: string) => store.set(() => ({ openImageId })),
    hoverAt: (at: ImagePoint) =>
      store.set(() => ({ hover: { at, preview: null, objectId: null, foundIndex: null } })),
  } as Partial<Studio> as Studio;
  const find = (id: string): Command => COMMANDS.find((command) => command.id === id)!;
  const document = () => openDocument(studio.getState());
  return {
    studio,
    document,
    can: (id: string) => find(id).enabled(studio.getState()),
    act: (id: string) => performCommand(find(id), studio),
    answer: () =>
      studio.amend((before) =>
        answerDraft(
          before,
          [0.9, 0.8, 0.7].map((predictedIou) => ({
            ...SHAPE,
            predictedIou,
            lowResLogits: new Float32Array(0),
          })),
        ),
      ),
  };
}

test("objects of the previous image are copied, where it has the same size", () => {
  const { studio, act, can, document } = setUp({ images: 2 });
  studio.edit("Add", (before) => addObjects(before, [{ ...SHAPE, source: "prompt", id: "a", name: "left" }]));
  expect(can("objects.copy-previous")).toBe(false);
  studio.openImage("p1");
  expect(can("objects.copy-previous")).toBe(true);
  act("objects.copy-previous");
  const [copy] = document().objects;
  expect(copy).toMatchObject({ name: "left", segmentation: SHAPE.segmentation, source: "import" });
  expect(copy!.id).not.toBe("a");
  expect(studio.getState().selectedIds).toEqual([copy!.id]);
  studio.set(({ images }) => ({ images: images.map((each, i) => (i ? each : { ...each, width: 9 })) }));
  expect(can("objects.copy-previous")).toBe(false);
});

test("without an image only what needs none can be done", () => {
  const { studio } = setUp({ images: 0 });
  const able = COMMANDS.filter(({ enabled }) => enabled(studio.getState())).map(({ group }) => group);
  expect(new Set(able)).toEqual(new Set(["Image", "Tools", "Prompt", "View", "Help"]));
});

test("a mask can be kept, cut out and chosen once the model has answered, and not before", () => {
  const { studio, can, answer } = setUp();
  studio.edit("Add point", (before) => addPoint(before, imagePoint([1, 1]), 1));
  expect([can("mask.keep"), can("cut-out.object"), can("mask.alternative-1")]).toEqual([false, false, false]);
  expect([can("mask.reset"), can("prompt.remove-last-point")]).toEqual([true, true]);
  answer();
  expect([can("mask.keep"), can("cut-out.object"), can("mask.alternative-3")]).toEqual([true, true, true]);
});

test("a mask that is on its way is kept and cut out when it comes, unless the user goes on", async () => {
  const { studio, document, act, answer } = setUp();
  studio.set(() => ({ predicting: true }));
  studio.edit("Add point", (before) => addPoint(before, imagePoint([1, 1]), 1));
  const cut = act("cut-out.object");
  answer();
  await cut;
  expect(document().cutOuts).toHaveLength(1);

  studio.edit("Add point", (before) => addPoint(before, imagePoint([2, 2]), 1));
  const calledOff = act("mask.keep");
  studio.edit("Add point", (before) => addPoint(before, imagePoint([3, 3]), 1));
  const kept = act("mask.keep");
  await calledOff;
  expect(document().objects).toEqual([]);
  answer();
  await kept;
  expect(document().objects.map(({ points }) => points.length)).toEqual([3]);
});

test("a mask that does not come is not waited for", async () => {
  const { studio, document, act } = setUp();
  studio.edit("Add point", (before) => addPoint(before, imagePoint([1, 1]), 1));
  await act("mask.keep");
  studio.set(() => ({ predicting: true }));
  const kept = act("mask.keep");
  studio.set(() => ({ predicting: false }));
  await kept;
  expect(document().objects).toEqual([]);
});

test("while the model is asked, a cut-out is not made of the object that happens to be selected", () => {
  const { studio, document, can } = setUp();
  studio.edit("Import", (before) => addObjects(before, [{ ...SHAPE, source: "import" }]));
  studio.set(() => ({ selectedIds: [document().objects[0]!.id] }));
  expect(can("cut-out.object")).toBe(true);
  studio.edit("Add point", (before) => addPoint(before, imagePoint([1, 1]), 1));
  expect(["object", "copy", "save"].map((name) => can(`cut-out.${name}`))).toEqual([false, false, false]);
});

test("a mask without a choice has nothing to choose", () => {
  const { studio, can } = setUp();
  studio.edit("Set box", (before) => setBox(before, exclusiveBox([0, 0, 4, 4])));
  studio.amend((before) =>
    answerDraft(before, [{ ...SHAPE, predictedIou: 1, lowResLogits: new Float32Array(0) }]),
  );
  expect(can("mask.alternative-1")).toBe(false);
  expect(can("prompt.remove-box")).toBe(true);
});

test("offering three masks or one asks a lone click again, without a step to undo", async () => {
  const { studio, document, act, answer } = setUp();
  studio.edit("Add point", (before) => addPoint(before, imagePoint([1, 1]), 1));
  answer();
  await act("prompt.multimask");
  expect(studio.getState().preferences.multimask).toBe(false);
  expect(document().draft).toMatchObject({ alternatives: null, points: [{ at: [1, 1] }] });
  studio.undo();
  expect(document().draft.points).toEqual([]);
});

test("keeping a mask selects the new object, and undo says what it takes back", async () => {
  const { studio, document, act, answer } = setUp();
  studio.edit("Add point", (before) => addPoint(before, imagePoint([1, 1]), 1));
  answer();
  await act("mask.keep");
  expect(studio.getState().selectedIds.at(-1)).toBe(document().objects[0]!.id);
  const undo = COMMANDS.find(({ id }) => id === "edit.undo")!;
  expect(undo.nameNow!(studio.getState())).toBe("Undo: Keep object");
});

test("a locked object can be shown and freed, but not edited, renamed or deleted", () => {
  const { studio, document, can } = setUp();
  studio.edit("Import", (before) => addObjects(before, [{ ...SHAPE, source: "import" }]));
  const { id } = document().objects[0]!;
  studio.set(() => ({ selectedIds: [id] }));
  expect(["edit", "rename", "delete"].map((name) => can(`objects.${name}`))).toEqual([true, true, true]);
  studio.edit("Lock", (before) => updateObject(before, id, { locked: true }));
  expect(["edit", "rename", "delete"].map((name) => can(`objects.${name}`))).toEqual([false, false, false]);
  expect(["visible", "locked"].map((name) => can(`objects.${name}`))).toEqual([true, true]);
});

/** What a locked object must keep, whatever is done. */
const contentOf = ({ visible: _, locked: __, ...content }: MaskObject) => content;

/**
 * Every command, and what keys can be pressed before it: editing begun, painted on, locked, in any order that
 * matters.
 */
describe("a locked object stays as it is", () => {
  const LARGER = measureShape(maskToRuns({ ...SIZE, data: new Uint8Array(48).fill(1, 0, 24) }));

  /** Two objects; the first is selected, is being edited with another mask, and then locked. */
  function lockWhileEditing() {
    const opened = setUp({ images: 2 });
    const { studio, document } = opened;
    Object.assign(studio, {
      findAll: async () => undefined,
      findWords: async () => undefined,
      stopFinding: () => undefined,
      cutOut: async () => new Blob(),
      exportCutOuts: async () => ({ name: "a.zip", blob: new Blob() }),
      removeImage: async () => undefined,
      addFiles: async () => undefined,
      retry: () => undefined,
    });
    const shape = { ...SHAPE, source: "prompt" } as const;
    studio.edit("Import", (before) => addObjects(before, [shape, shape]));
    const [locked] = document().objects as [MaskObject];
    studio.set(() => ({ selectedIds: [locked.id] }));
    studio.edit("Edit object", (before) => editObject(before, locked.id));
    studio.edit("Paint", (before) => paintDraft(before, LARGER));
    studio.edit("Lock object", (before) => updateObject(before, locked.id, { locked: true }));
    const found = () =>
      studio.getState().images[0]!.history.present.objects.find(({ id }) => id === locked.id);
    return { ...opened, locked, found };
  }

  test("after edit, lock, Enter: finishing waits for it to be unlocked", async () => {
    const { studio, locked, found, act, can } = lockWhileEditing();
    expect(can("mask.keep")).toBe(false);
    await act("mask.keep");
    expect(found()).toEqual({ ...locked, locked: true });
    const keep = COMMANDS.find(({ id }) => id === "mask.keep")!;
    expect(keep.nameNow!(studio.getState())).toMatch(/unlock/);
    await keep.perform(studio); // as if it had been enabled a moment ago
    expect(found()).toEqual({ ...locked, locked: true });
    await act("objects.locked");
    await act("mask.keep");
    expect(found()).toMatchObject({ id: locked.id, ...LARGER });
  });

  test("while a mask that is on its way is waited for", async () => {
    const { studio, locked, found, act, answer } = lockWhileEditing();
    studio.edit("Unlock object", (before) => updateObject(before, locked.id, { locked: false }));
    studio.set(() => ({ predicting: true }));
    studio.edit("Add point", (before) => addPoint(before, imagePoint([1, 1]), 1));
    const kept = act("mask.keep");
    studio.amend((before) => updateObject(before, locked.id, { locked: true }));
    answer();
    await kept;
    expect(found()).toEqual({ ...locked, locked: true });
  });

  test.each(COMMANDS.map(({ id }) => id))("%s, alone and before Enter", async (id) => {
    const { studio, locked, found, act } = lockWhileEditing();
    const perform = COMMANDS.find((command) => command.id === id)!.perform;
    for (const attempt of [() => act(id), async () => perform(studio), () => act("mask.keep")]) {
      const isLocked = found()?.locked;
      await attempt()?.catch?.(() => undefined); // what needs a page around it fails, and that is no change
      if (isLocked) expect(found() && contentOf(found()!)).toEqual(contentOf(locked));
    }
  });
});

test("deleting goes on to the next object, and to the one before at the end", async () => {
  const { studio, document, act } = setUp();
  const shape = { ...SHAPE, source: "import" } as const;
  studio.edit("Import", (before) => addObjects(before, [shape, shape, shape]));
  const [first, second, third] = document().objects.map(({ id }) => id);
  studio.set(() => ({ selectedIds: [second!] }));
  await act("objects.delete");
  expect(studio.getState().selectedIds.at(-1)).toBe(third);
  await act("objects.delete");
  expect(studio.getState().selectedIds.at(-1)).toBe(first);
});

test("the tray can be saved and emptied when something is in it", async () => {
  const { studio, document, can, act } = setUp();
  expect([can("cut-out.save-all"), can("cut-out.empty")]).toEqual([false, false]);
  studio.edit("Cut out", (before) => addCutOuts(before, [{ name: "Pear", shape: SHAPE }]));
  expect([can("cut-out.save-all"), can("cut-out.empty")]).toEqual([true, true]);
  await act("cut-out.empty");
  expect(document().cutOuts).toEqual([]);
});

test("the draft's mask is cut out before the selected object's", async () => {
  const { studio, document, act, answer } = setUp();
  studio.edit("Import", (before) => addObjects(before, [{ ...SHAPE, name: "Pear", source: "import" }]));
  studio.set(() => ({ selectedIds: [document().objects[0]!.id] }));
  await act("cut-out.object");
  studio.edit("Add point", (before) => addPoint(before, imagePoint([1, 1]), 1));
  answer();
  await act("cut-out.object");
  expect(document().cutOuts.map(({ name }) => name)).toEqual(["Pear", "Cut-out 2"]);
});

test("images are gone through from end to end", async () => {
  const { studio, can, act } = setUp({ images: 2 });
  expect([can("image.previous"), can("image.next")]).toEqual([false, true]);
  await act("image.next");
  expect(studio.getState().openImageId).toBe("p1");
  expect([can("image.previous"), can("image.next")]).toEqual([true, false]);
});

test("of the found masks, those that are objects already are not kept a second time", async () => {
  const { studio, document, act } = setUp();
  Object.assign(studio, { stopFinding: () => undefined });
  const found = [8, 16, 24].map(maskOfPixels);
  studio.set(() => ({ everything: { state: "done", found, selection: SELECTION } }));
  studio.set(() => ({ hover: { at: imagePoint([1, 1]), preview: null, objectId: null, foundIndex: 1 } }));
  await act("everything.keep");
  await act("everything.keep");
  expect(document().objects.map(({ areaPx }) => areaPx)).toEqual([16]);
  await act("everything.keep-all");
  expect(document().objects.map(({ areaPx }) => areaPx)).toEqual([16, 8, 24]);
  expect(studio.getState().notices.at(-1)!.text).toBe("2 objects added.");
});

test("masks of words become objects of their class, in one step of undo", async () => {
  const { studio, document, act } = setUp();
  Object.assign(studio, { stopFinding: () => undefined });
  const word = { label: "vehicle", category: "truck", score: 0.9 };
  const found = [8, 16].map((area) => ({ ...maskOfPixels(area), stabilityScore: null, word }));
  const words = { text: "vehicle", engine: "detector", threshold: 0.3, all: found, found };
  studio.set(() => ({ everything: { state: "words", ...words } }));
  await act("everything.keep-all");
  const [vehicle] = classList(studio.getState());
  expect(vehicle!.name).toBe("vehicle");
  expect(document().objects.map(({ classId, source }) => [classId, source])).toEqual([
    [vehicle!.id, "text"],
    [vehicle!.id, "text"],
  ]);
  studio.undo();
  expect([document().objects, classList(studio.getState())]).toEqual([[], []]);
});

test("everything mode can be started on a ready image, and stopped while it runs", () => {
  expect(setUp({ phase: "queued" }).can("everything.find")).toBe(false);
  const { studio, can } = setUp();
  expect([can("everything.find"), can("everything.stop")]).toEqual([true, false]);
  studio.set(() => ({ everything: { state: "running", pointsDone: 0, pointsTotal: 4, found: [] } }));
  expect([can("everything.find"), can("everything.stop"), can("everything.keep-all")]).toEqual([
    false,
    true,
    false,
  ]);
});

test("keys move a cursor from the middle of the stage, and use the tool where it is", async () => {
  const { studio, document, can, act } = setUp();
  expect(can("cursor.use-tool")).toBe(false);
  await act("cursor.right-1");
  expect(activeCursor(studio.getState())?.at).toEqual([5, 3]);
  await act("cursor.use-tool");
  await act("cursor.up-1");
  await act("cursor.remove");
  expect(document().draft.points.map(({ at, label }) => [at, label])).toEqual([
    [[5, 3], 1],
    [[5, 2], 0],
  ]);
});

test("a pointer takes over from the keys' cursor", async () => {
  const { studio, act } = setUp();
  await act("cursor.right");
  studio.hoverAt(imagePoint([1, 1]));
  expect(activeCursor(studio.getState())).toBeNull();
});

test("the cursor stays on the image", async () => {
  const { studio, act } = setUp();
  for (let i = 0; i < 20; i++) await act("cursor.right");
  expect(activeCursor(studio.getState())?.at[0]).toBe(7.5);
});

test("two corners make a box, whichever comes first", async () => {
  const { studio, document, act } = setUp();
  await act("tool.box");
  await act("cursor.right-1");
  await act("cursor.use-tool");
  await act("cursor.left-1");
  await act("cursor.left-1");
  await act("cursor.up-1");
  await act("cursor.use-tool");
  expect(document().draft.boxXyxy).toEqual([3, 2, 5, 3]);
  expect(studio.getState().keyCursor?.boxCorner).toBeNull();
});

test("the brush and the eraser work by keys", async () => {
  const { studio, document, act } = setUp();
  studio.set(({ preferences }) => ({ tool: "brush", preferences: { ...preferences, brushSizePx: 2 } }));
  await act("cursor.right-1");
  await act("cursor.use-tool");
  expect(document().draft.painted?.areaPx).toBe(4);
  studio.set(() => ({ tool: "eraser" }));
  await act("cursor.use-tool");
  expect(document().draft.painted).toBeNull();
});

test("editing an object that is kept again goes to the same object", async () => {
  const { studio, document, act, answer } = setUp();
  studio.edit("Add point", (before) => addPoint(before, imagePoint([1, 1]), 1));
  answer();
  studio.edit("Keep", keepDraft);
  const { id } = document().objects[0]!;
  studio.set(() => ({ selectedIds: [id], tool: "pan" }));
  await act("objects.edit");
  expect(studio.getState().tool).toBe("click");
  await act("mask.keep");
  expect(document().objects.map((object) => object.id)).toEqual([id]);
});
