import { subtractRuns, uniteRuns } from "@segany/masks";
import { describe, expect, test } from "vitest";
import { boxToRuns } from "../testing/box-runs.js";
import { cleanMasks } from "./clean-masks.js";
import { EMPTY_DOCUMENT } from "./document.js";
import { paintDraft } from "./draft-edits.js";
import { addObjects, updateObject } from "./edits.js";
import { measureShape } from "./mask-shape.js";

const SIZE = { width: 200, height: 100 };

/** 40 x 60 pixels, with an island of 5 x 4 beside it. */
const clean = measureShape(boxToRuns([10, 10, 40, 60], SIZE));
const stray = measureShape(uniteRuns(clean.segmentation, boxToRuns([100, 10, 5, 4], SIZE)));

describe("cleaning", () => {
  test("takes small islands from the mask in the making, and from it alone", () => {
    const withObject = addObjects(EMPTY_DOCUMENT, [{ ...stray, source: "brush", id: "a" }]);
    const after = cleanMasks(paintDraft(withObject, stray), ["a"]);
    expect(after.draft.painted).toEqual(clean);
    expect(after.objects).toBe(withObject.objects);
  });

  test("takes them from selected objects without a lock, in one step", () => {
    let document = EMPTY_DOCUMENT;
    for (const id of ["a", "b", "c"])
      document = addObjects(document, [{ ...stray, source: "everything", id, confidence: 0.9 }]);
    document = updateObject(document, "b", { locked: true });
    const after = cleanMasks(document, ["a", "b"]);
    expect(after.objects.map(({ areaPx }) => areaPx)).toEqual([2400, 2420, 2420]);
    expect(after.objects.map(({ confidence }) => confidence)).toEqual([undefined, 0.9, 0.9]);
    expect(cleanMasks(after, ["a"])).toBe(after);
  });

  test("fills small holes, and leaves large ones", () => {
    const frame = (hole: readonly [number, number, number, number]) =>
      measureShape(subtractRuns(clean.segmentation, boxToRuns(hole, SIZE)));
    const small = cleanMasks(paintDraft(EMPTY_DOCUMENT, frame([20, 20, 9, 9])), []);
    expect(small.draft.painted?.areaPx).toBe(2400);
    const large = paintDraft(EMPTY_DOCUMENT, frame([20, 20, 20, 20]));
    expect(cleanMasks(large, [])).toBe(large);
  });
});
