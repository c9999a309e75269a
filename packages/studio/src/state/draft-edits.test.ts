import { exclusiveBox, imagePoint } from "@segany/masks";
import { describe, expect, it } from "vitest";
import { alternativeOf, drawnShape } from "../testing/document-parts.js";
import { type Document, EMPTY_DOCUMENT, EMPTY_DRAFT } from "./document.js";
import {
  addPoint,
  answerDraft,
  askLoneClickAgain,
  chooseAlternative,
  movePoint,
  paintDraft,
  removePoint,
  setBox,
} from "./draft-edits.js";
import { isUnanswered } from "./draft-queries.js";

const SMALL = drawnShape("#.");
const LARGE = drawnShape("##", "##");
const ANSWER = [alternativeOf(SMALL, 0.7, 1), alternativeOf(LARGE, 0.9, 2)];

const clicked = (document: Document = EMPTY_DOCUMENT) => addPoint(document, imagePoint([1, 2]), 1);
const answered = (document = clicked()) => answerDraft(document, ANSWER);

describe("a click", () => {
  it("is asked alone when it is the first", () => {
    const { draft } = clicked();
    expect(draft).toEqual({ ...EMPTY_DRAFT, points: [{ id: expect.any(String), at: [1, 2], label: 1 }] });
    expect(isUnanswered(draft)).toBe(true);
  });

  it("is asked with the logits of the mask that was chosen, which stays to be seen", () => {
    const { draft } = addPoint(chooseAlternative(answered(), 0), imagePoint([3, 3]), 0);
    expect(draft.feedback).toEqual({ from: "logits", lowResLogits: ANSWER[0]!.lowResLogits });
    expect(draft.outdated).toMatchObject(SMALL);
    expect(draft.alternatives).toBeNull();
  });

  it("is asked again when it is alone, its mask to be seen until then", () => {
    const { draft } = askLoneClickAgain(answered());
    expect(isUnanswered(draft)).toBe(true);
    expect(draft.points).toHaveLength(1);
    expect(draft.outdated).toMatchObject(LARGE);
    for (const other of [
      EMPTY_DOCUMENT,
      addPoint(answered(), imagePoint([3, 3]), 1),
      setBox(answered(), exclusiveBox([0, 0, 2, 2])),
      paintDraft(answered(), SMALL),
    ])
      expect(askLoneClickAgain(other)).toBe(other);
  });

  it("is asked with what the one before was asked with while that has no answer", () => {
    const third = addPoint(addPoint(answered(), imagePoint([3, 3]), 1), imagePoint([4, 4]), 1);
    expect(third.draft.feedback).toEqual({ from: "logits", lowResLogits: ANSWER[1]!.lowResLogits });
    expect(third.draft.points).toHaveLength(3);
  });

  it("is asked with the mask that was painted", () => {
    const { draft } = addPoint(paintDraft(answered(), SMALL), imagePoint([3, 3]), 1);
    expect(draft.feedback).toEqual({ from: "mask", shape: SMALL });
    expect(draft.painted).toBeNull();
    expect(draft.outdated).toEqual(SMALL);
  });

  it("that is moved is asked with what it was asked with before, not with its own answer", () => {
    const second = answerDraft(addPoint(answered(), imagePoint([3, 3]), 1), [alternativeOf(LARGE, 0.8, 3)]);
    const moved = movePoint(second, second.draft.points[1]!.id, imagePoint([5, 5]));
    expect(moved.draft.feedback).toEqual(second.draft.feedback);
    expect(moved.draft.points.map(({ at }) => at)).toEqual([
      [1, 2],
      [5, 5],
    ]);
    expect(isUnanswered(moved.draft)).toBe(true);
  });

  it("that is taken away takes along what it led to; the last one leaves nothing", () => {
    const two = answerDraft(addPoint(answered(), imagePoint([3, 3]), 1), ANSWER);
    const one = removePoint(two, two.draft.points[0]!.id);
    expect(one.draft).toMatchObject({ feedback: null, alternatives: null, points: [{ at: [3, 3] }] });
    expect(removePoint(one, one.draft.points[0]!.id).draft).toEqual(EMPTY_DRAFT);
    expect(removePoint(one, "of another draft")).toBe(one);
  });

  it("leaves the object that is edited in its place", () => {
    const editing = { ...EMPTY_DOCUMENT, draft: { ...EMPTY_DRAFT, objectId: "object" } };
    const one = clicked(editing);
    expect(removePoint(one, one.draft.points[0]!.id).draft.objectId).toBe("object");
  });
});

describe("an answer", () => {
  it("shows the mask that the model rates best", () => {
    expect(answered().draft).toMatchObject({ chosen: 1, outdated: null });
  });

  it("lets one choose among its masks and not beyond", () => {
    expect(chooseAlternative(chooseAlternative(answered(), 0), 5).draft.chosen).toBe(1);
    expect(chooseAlternative(answered(), -1).draft.chosen).toBe(0);
    const document = answered();
    expect(chooseAlternative(document, 1)).toBe(document);
    expect(chooseAlternative(clicked(), 1).draft.chosen).toBe(0);
  });
});

describe("a box", () => {
  it("is a fresh question, with the clicks inside", () => {
    const { draft } = setBox(answered(), exclusiveBox([0, 0, 4, 4]));
    expect(draft).toMatchObject({ boxXyxy: [0, 0, 4, 4], feedback: null, alternatives: null });
    expect(draft.points).toHaveLength(1);
  });

  it("that is taken away leaves nothing to ask", () => {
    expect(setBox(setBox(EMPTY_DOCUMENT, exclusiveBox([0, 0, 4, 4])), null).draft).toEqual(EMPTY_DRAFT);
  });
});

describe("a painted mask", () => {
  it("takes the place of the model's", () => {
    const { draft } = paintDraft(answered(), SMALL);
    expect(draft).toMatchObject({ painted: SMALL, alternatives: null, outdated: null });
    expect(isUnanswered(draft)).toBe(false);
  });

  it("that is taken away has the clicks asked again", () => {
    expect(isUnanswered(paintDraft(paintDraft(answered(), SMALL), null).draft)).toBe(true);
    expect(paintDraft(paintDraft(EMPTY_DOCUMENT, SMALL), null).draft).toEqual(EMPTY_DRAFT);
  });
});
