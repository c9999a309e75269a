import { expect, test } from "vitest";
import { drawnShape } from "../testing/document-parts.js";
import { EMPTY_DOCUMENT, type MaskObject } from "./document.js";
import { paintDraft } from "./draft-edits.js";
import { addObjects, editObject, keepDraft, updateObject } from "./edits.js";
import { listedObjects, type ObjectList, WHOLE_LIST } from "./listed-objects.js";

const made = { ...drawnShape("##"), source: "everything" } as const;
const document = addObjects(EMPTY_DOCUMENT, [
  { ...made, name: "a", confidence: 0.7 },
  { ...made, name: "b", source: "prompt" },
  { ...made, name: "c", confidence: 0.9 },
  { ...made, name: "d", confidence: 0.7 },
]);
const names = (list: Partial<ObjectList>, objects: readonly MaskObject[] = document.objects) =>
  listedObjects(objects, { ...WHOLE_LIST, ...list })
    .map(({ name }) => name)
    .join("");

test("objects are listed by the machine's confidence, those of people last", () => {
  expect(names({})).toBe("abcd");
  expect(names({ order: "least-sure" })).toBe("adcb");
  expect(names({ order: "most-sure" })).toBe("cadb");
});

test("only masks of the machine up to a confidence are listed; where it made none, all are", () => {
  expect(names({ atMost: 0.7 })).toBe("ad");
  expect(names({ atMost: 0.95, order: "most-sure" })).toBe("cad");
  expect(names({ atMost: 0 })).toBe("");
  expect(names({ atMost: 0 }, document.objects.slice(1, 2))).toBe("b");
});

test("a mask that a person changes has no confidence any more; another name or class does not matter", () => {
  const [first] = document.objects as [MaskObject];
  const of = ({ objects }: typeof document) => objects[0]!.confidence;
  expect(of(updateObject(document, first.id, { name: "x", classId: "c" }))).toBe(0.7);
  const opened = editObject(document, first.id);
  expect(of(keepDraft(opened))).toBe(0.7); // looked at, and kept as it was
  const painted = keepDraft(paintDraft(opened, drawnShape("#.")));
  expect(painted.objects[0]).toMatchObject({ name: "a", areaPx: 1 });
  expect(painted.objects[0]).not.toHaveProperty("confidence");
});
