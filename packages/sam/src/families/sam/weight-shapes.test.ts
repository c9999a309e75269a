import { expect, it } from "vitest";
import { SMALL_ARCHITECTURE } from "../../testing/small-architecture.js";
import type { VitArchitecture } from "./architecture.js";
import { inferArchitecture } from "./infer-architecture.js";
import { samWeightShapes, type VitSamArchitecture } from "./weight-shapes.js";

const encoder = { ...(SMALL_ARCHITECTURE.encoder as VitArchitecture), depth: 2, globalAttnIndexes: [1] };
const small: VitSamArchitecture = { encoder, decoder: { ...SMALL_ARCHITECTURE.decoder, numHeads: 8 } };

it("gives the shapes that a model is inferred from", () => {
  expect(inferArchitecture(samWeightShapes(small))).toEqual({ name: "vit", architecture: small });
});

it.each<[string, VitSamArchitecture]>([
  ["numHeads is 4", { ...small, decoder: { ...small.decoder, numHeads: 4 } }],
  [
    "windowSize is 4, and would be read as 0",
    { ...small, encoder: { ...encoder, globalAttnIndexes: [0, 1] } },
  ],
])("refuses what a checkpoint can't tell: %s", (what, architecture) => {
  expect(() => samWeightShapes(architecture)).toThrow(
    expect.objectContaining({ code: "checkpoint-unsupported", message: expect.stringContaining(what) }),
  );
});
