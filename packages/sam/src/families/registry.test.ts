import type { StoredTensor, TensorInfo } from "@segany/graph/weights";
import { describe, expect, it } from "vitest";
import type { Tensors } from "../model/model-family.js";
import { ellipseFamily, ellipseState } from "../testing/ellipse-family.js";
import { normaliseKeys } from "./normalise-keys.js";
import { familyNamed, familyOf, modelFamilies } from "./registry.js";
import { samFamily } from "./sam/sam-family.js";

const tensorsOf = (...keys: string[]): Tensors =>
  new Map(keys.map((key): [string, TensorInfo] => [key, { dtype: "float32", shape: [1] }]));

describe("the family of a checkpoint", () => {
  it("is the first that knows its tensors", () => {
    const both = [...modelFamilies, ellipseFamily];
    expect(familyOf(tensorsOf("image_encoder.pos_embed"), both)).toBe(samFamily);
    expect(familyOf(ellipseState().tensors, both)).toBe(ellipseFamily);
  });

  it("is none for other tensors, and for the decoder alone", () => {
    for (const [tensors, example] of [
      [tensorsOf("encoder.weight"), "encoder.weight"],
      [ellipseState({ decoderOnly: true }).tensors, "ellipse_decoder.gain"],
    ] as const)
      expect(() => familyOf(tensors)).toThrow(
        expect.objectContaining({ code: "checkpoint-invalid", message: expect.stringContaining(example) }),
      );
  });

  it("is found by the name that files have", () => {
    expect(familyNamed("sam")).toBe(samFamily);
    expect(() => familyNamed("sam9")).toThrow(/"sam9" is not a known family of models; known are sam/);
  });
});

it("names of another publication are mapped by the family that knows them", () => {
  const stored = (key: string) => new Map([[key, {} as StoredTensor]]);
  const mapKeys = (tensors: ReadonlyMap<string, StoredTensor>) =>
    tensors.has("ovals.side") ? stored("ellipse_encoder.side") : undefined;
  const families = [samFamily, { ...ellipseFamily, mapKeys }];
  expect([...normaliseKeys(stored("module.ovals.side"), families).keys()]).toEqual(["ellipse_encoder.side"]);
  expect([...normaliseKeys(stored("vision_encoder.pos_embed"), families).keys()]).toEqual([
    "image_encoder.pos_embed",
  ]);
  expect([...normaliseKeys(stored("sam.others"), families).keys()]).toEqual(["others"]);
});
