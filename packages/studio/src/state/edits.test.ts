import { exclusiveBox, imagePoint } from "@segany/masks";
import { describe, expect, it } from "vitest";
import { alternativeOf, drawnShape } from "../testing/document-parts.js";
import { type Document, EMPTY_DOCUMENT, EMPTY_DRAFT } from "./document.js";
import { addPoint, answerDraft, paintDraft, setBox } from "./draft-edits.js";
import {
  addCutOuts,
  addObjects,
  editObject,
  keepDraft,
  type NewObject,
  removeCutOuts,
  removeObjects,
  resetDraft,
  updateObject,
} from "./edits.js";

const SMALL = drawnShape("#.");
const LARGE = drawnShape("##", "##");
const NEW: NewObject = { ...SMALL, source: "import" };

const clicked = (document: Document = EMPTY_DOCUMENT) =>
  answerDraft(addPoint(document, imagePoint([1, 2]), 1), [alternativeOf(SMALL, 0.7)]);
const kept = keepDraft(clicked());
const [object] = kept.objects as [Document["objects"][0]];
const names = ({ objects }: Document) => objects.map(({ name }) => name);

describe("a draft that is kept", () => {
  it("becomes an object with its prompt and the model's rating, and without logits", () => {
    expect(kept.draft).toBe(EMPTY_DRAFT);
    expect(object).toEqual({
      ...SMALL,
      id: expect.any(String),
      name: "Object 1",
      classId: null,
      colour: 0,
      visible: true,
      locked: false,
      source: "prompt",
      predictedIou: 0.7,
      stabilityScore: null,
      points: [{ id: expect.any(String), at: [1, 2], label: 1 }],
      boxXyxy: null,
    });
  });

  it("is nothing before the model has answered", () => {
    const asked = addPoint(EMPTY_DOCUMENT, imagePoint([1, 2]), 1);
    expect(keepDraft(asked)).toBe(asked);
  });

  it("takes the place of the object that was edited, which keeps its name and look", () => {
    const named = updateObject(kept, object.id, { name: "Pear", colour: 5, visible: false });
    const edited = setBox(editObject(named, object.id), exclusiveBox([0, 0, 2, 2]));
    const again = keepDraft(answerDraft(edited, [alternativeOf(LARGE, 0.9)]));
    expect(again.objects).toHaveLength(1);
    expect(again.objects[0]).toMatchObject({
      ...LARGE,
      id: object.id,
      name: "Pear",
      colour: 5,
      visible: false,
      predictedIou: 0.9,
      boxXyxy: [0, 0, 2, 2],
    });
  });

  it("is of the brush when somebody painted, and of what it was before when nobody did", () => {
    expect(keepDraft(paintDraft(clicked(), LARGE)).objects[0]).toMatchObject({
      source: "brush",
      predictedIou: null,
    });
    expect(keepDraft(editObject(kept, object.id)).objects[0]!.source).toBe("prompt");
    expect(keepDraft(paintDraft(editObject(kept, object.id), LARGE)).objects[0]!.source).toBe("brush");
  });
});

describe("a draft that is thrown away", () => {
  it("leaves the object that was edited as it was", () => {
    const edited = paintDraft(editObject(kept, object.id), LARGE);
    expect(resetDraft(edited)).toEqual(kept);
  });

  it("is no change when there was none", () => {
    expect(resetDraft(kept)).toBe(kept);
  });
});

describe("objects", () => {
  it("get names and colours that are free", () => {
    const two = addObjects(addObjects(EMPTY_DOCUMENT, [NEW, { ...NEW, name: "Object 3" }]), [NEW, NEW]);
    expect(names(two)).toEqual(["Object 1", "Object 3", "Object 4", "Object 5"]);
    expect(two.objects.map(({ colour }) => colour)).toEqual([0, 1, 2, 3]);
    expect(new Set(two.objects.map(({ id }) => id)).size).toBe(4);
  });

  it("keep the name and colour they bring along", () => {
    const brought = addObjects(kept, [{ ...NEW, name: "Pear", colour: 7 }, NEW]);
    expect(brought.objects.slice(1)).toMatchObject([
      { name: "Pear", colour: 7 },
      { name: "Object 3", colour: 2 },
    ]);
  });

  it("go, unless they are locked", () => {
    const locked = updateObject(addObjects(kept, [NEW]), object.id, { locked: true });
    const ids = locked.objects.map(({ id }) => id);
    expect(removeObjects(locked, ids).objects.map(({ id }) => id)).toEqual([object.id]);
    expect(removeObjects(locked, [object.id])).toBe(locked);
    expect(editObject(locked, object.id)).toBe(locked);
  });

  it("keep what they bring along of others, but for what the user has changed", () => {
    const extra = { note: 1, locked: 2, name: { en: "pear" }, colour: "red", source: "them", prompt: "none" };
    const foreign = { extra, cropBoxXywh: [0, 0, 2, 2] } as const;
    const added = addObjects(EMPTY_DOCUMENT, [{ ...NEW, foreign, number: 7 }]);
    const { id } = added.objects[0]!;
    const rest = (document: Document) => Object.keys(document.objects[0]!.foreign!.extra);
    expect(added.objects[0]).toMatchObject({ foreign, number: 7, name: "Object 1" });
    expect(rest(updateObject(added, id, { visible: false, locked: true }))).toEqual(Object.keys(extra));
    expect(rest(updateObject(added, id, { name: "x" }))).toEqual([
      "note",
      "locked",
      "colour",
      "source",
      "prompt",
    ]);
    expect(rest(updateObject(added, id, { colour: 1 }))).toEqual([
      "note",
      "locked",
      "name",
      "source",
      "prompt",
    ]);
    const edited = keepDraft(paintDraft(editObject(added, id), LARGE));
    expect(rest(edited)).toEqual(["note", "locked", "name", "colour"]);
    expect(edited.objects[0]).toMatchObject({
      ...LARGE,
      id,
      number: 7,
      foreign: { cropBoxXywh: [0, 0, 2, 2] },
    });
  });

  it("keep the UUIDs they bring along, and have others where these are taken", () => {
    const [a, b] = ["a", "b"].map((letter) => `${letter.repeat(8)}-0000-4000-8000-000000000000`);
    const three = addObjects(EMPTY_DOCUMENT, [
      { ...NEW, id: a! },
      { ...NEW, id: b! },
      { ...NEW, id: a! },
    ]);
    const ids = addObjects(three, [{ ...NEW, id: b! }, NEW]).objects.map(({ id }) => id);
    expect(ids.slice(0, 2)).toEqual([a, b]);
    expect(new Set(ids).size).toBe(5);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });

  it("that are locked are neither edited, renamed nor given another colour, whenever it was begun", () => {
    const draft = paintDraft(editObject(kept, object.id), LARGE);
    const locked = updateObject(draft, object.id, { locked: true });
    expect(keepDraft(locked)).toBe(locked);
    expect(updateObject(locked, object.id, { name: "Pear" })).toBe(locked);
    expect(updateObject(locked, object.id, { colour: 5 })).toBe(locked);
    expect(updateObject(locked, object.id, { visible: false }).objects[0]!.visible).toBe(false);
    const freed = updateObject(locked, object.id, { locked: false });
    expect(keepDraft(freed).objects[0]).toMatchObject({ ...LARGE, id: object.id });
    expect(updateObject(locked, "another", { name: "Pear" })).toBe(locked);
  });

  it("take the draft along when it was of them", () => {
    const edited = editObject(addObjects(kept, [NEW]), object.id);
    expect(removeObjects(edited, [edited.objects[1]!.id]).draft.objectId).toBe(object.id);
    expect(removeObjects(edited, [object.id]).draft).toEqual(EMPTY_DRAFT);
  });
});

it("cut-outs come and go", () => {
  const two = addCutOuts(EMPTY_DOCUMENT, [
    { name: "a", shape: object },
    { name: "b", shape: LARGE },
  ]);
  // Only the mask of an object, or the tray would hold on to its prompt.
  expect(two.cutOuts.map(({ shape }) => shape)).toEqual([SMALL, LARGE]);
  expect(removeCutOuts(two, [two.cutOuts[0]!.id]).cutOuts.map(({ name }) => name)).toEqual(["b"]);
});
