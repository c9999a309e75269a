import { exclusiveBox, maskToRuns } from "@segany/masks";
import { describe, expect, it } from "vitest";
import { chooseObjects } from "./choose-objects.js";
import type { GroundedObject } from "./grounding.js";

const object = (score: number, box: readonly [number, number, number, number]): GroundedObject => ({
  label: "dog",
  score,
  boxXyxy: exclusiveBox(box),
});
const large = object(0.9, [0, 0, 10, 10]);
const small = object(0.5, [6, 6, 9, 9]);
const objects = [large, small];

describe("objects that words have found", () => {
  it("are all taken without points and a box", () => {
    expect(chooseObjects(objects, {})).toEqual(objects);
    expect(chooseObjects([], { box: [0, 0, 5, 5] })).toEqual([]);
  });

  it("are chosen by the points on them: of several the most probable", () => {
    const at = (x: number, y: number, label = 1) =>
      chooseObjects(objects, { pointCoords: [[x, y]], pointLabels: [label] });
    expect(at(7, 7)).toEqual([large]);
    expect(at(1, 1)).toEqual([large]);
    expect(at(12, 1)).toEqual([]);
    expect(
      chooseObjects([small], {
        pointCoords: [
          [7, 7],
          [1, 1],
        ],
        pointLabels: [1, 1],
      }),
    ).toEqual([]);
    expect(
      chooseObjects([small], {
        pointCoords: [
          [7, 7],
          [1, 1],
        ],
        pointLabels: [1, 0],
      }),
    ).toEqual([small]);
  });

  it("are chosen by the box that is most like theirs", () => {
    expect(chooseObjects(objects, { box: [5, 5, 9, 9] })).toEqual([small]);
    expect(chooseObjects(objects, { box: [0, 1, 10, 10] })).toEqual([large]);
    expect(chooseObjects(objects, { box: [20, 20, 30, 30] })).toEqual([]);
    const both = { pointCoords: [[1, 1]], pointLabels: [1], box: [5, 5, 9, 9] } as const;
    expect(chooseObjects(objects, both)).toEqual([large]);
  });

  it("have a point on their mask, where they have one", () => {
    const data = new Uint8Array(100);
    data[3 * 10 + 7] = 1; // column 7, row 3
    const masked = { ...large, mask: maskToRuns({ width: 10, height: 10, data }) };
    const at = (x: number, y: number) => chooseObjects([masked], { pointCoords: [[x, y]], pointLabels: [1] });
    expect(at(7.5, 3.5)).toEqual([masked]);
    expect(at(3.5, 7.5)).toEqual([]);
    expect(at(10, 10)).toEqual([]);
  });
});
