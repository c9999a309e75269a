import { exclusiveBox } from "@segany/masks";
import { describe, expect, it } from "vitest";
import { type Alternative, EMPTY_DRAFT } from "../state/document.js";
import { shapeOf } from "../state/mask-shape.js";
import { CARD_PX, cardAt, fanOfDraft, fanSquare, isOverFan, layOutFan } from "./alternative-fan.js";
import { runsOf } from "./testing/masks.js";
import { screenPoint } from "./view.js";

const stage = { width: 1000, height: 800 };

function alternativeOf(rows: readonly string[]): Alternative {
  return { ...shapeOf(runsOf(rows))!, predictedIou: 0.9, lowResLogits: new Float32Array(65536) };
}

describe("alternatives' cards", () => {
  it("lie to the upper right of the click, side by side when open", () => {
    const cards = layOutFan(screenPoint([400, 400]), stage, 3, true);
    expect(cards).toEqual([
      [420, 316, CARD_PX, CARD_PX],
      [492, 316, CARD_PX, CARD_PX],
      [564, 316, CARD_PX, CARD_PX],
    ]);
  });

  it("stay on the stage beside any click, open and closed", () => {
    for (const x of [0, 1, 500, 780, 999]) {
      for (const y of [0, 60, 500, 799]) {
        for (const isOpen of [true, false]) {
          for (const [left, top] of layOutFan(screenPoint([x, y]), stage, 3, isOpen)) {
            expect(left).toBeGreaterThanOrEqual(0);
            expect(left + CARD_PX).toBeLessThanOrEqual(stage.width);
            expect(top).toBeGreaterThanOrEqual(0);
            expect(top + CARD_PX).toBeLessThanOrEqual(stage.height);
          }
        }
      }
    }
  });

  it("are met the uppermost first, and held together across the gaps", () => {
    const closed = layOutFan(screenPoint([400, 400]), stage, 3, false);
    expect(cardAt(screenPoint([450, 350]), closed)).toBe(0);
    expect(cardAt(screenPoint([420 + CARD_PX + 3, 320]), closed)).toBe(1);
    const open = layOutFan(screenPoint([400, 400]), stage, 3, true);
    expect(cardAt(screenPoint([420 + CARD_PX + 3, 350]), open)).toBeNull();
    expect(isOverFan(screenPoint([420 + CARD_PX + 3, 350]), open)).toBe(true);
    expect(isOverFan(screenPoint([400, 400]), open)).toBe(false);
  });

  it("are there only for a question with several answers that nothing was painted over", () => {
    const view = { scale: 1, offsetX: 0, offsetY: 0 };
    const alternatives = [alternativeOf(["11"]), alternativeOf(["10"])];
    const asked = { ...EMPTY_DRAFT, boxXyxy: exclusiveBox([1, 2, 300, 400]), alternatives };
    expect(fanOfDraft(asked, view, stage, true)[0]).toEqual([320, 22, CARD_PX, CARD_PX]);
    expect(fanOfDraft({ ...asked, alternatives: alternatives.slice(1) }, view, stage, true)).toEqual([]);
    expect(fanOfDraft({ ...asked, painted: alternatives[0]! }, view, stage, true)).toEqual([]);
    expect(fanOfDraft({ ...asked, boxXyxy: null }, view, stage, true)).toEqual([]);
  });

  it("all show the same square, with every mask in it", () => {
    const [x, y, width, height] = fanSquare([
      alternativeOf(["0000", "0110", "0000"]),
      alternativeOf(["0000", "0001", "0000"]),
    ]);
    expect(width).toBe(height);
    expect(x).toBeLessThanOrEqual(1);
    expect(y).toBeLessThanOrEqual(1);
    expect(x + width).toBeGreaterThanOrEqual(4);
    expect(y + height).toBeGreaterThanOrEqual(2);
  });
});
