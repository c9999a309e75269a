import { product } from "@segany/graph";
import { describe, expect, it } from "vitest";
import { inferClip } from "./clip-architecture.js";
import { clipImageTower } from "./clip-image-tower.js";
import { type ClipSizes, clipShapes } from "./clip-shapes.js";
import { clipTextTower } from "./clip-text-tower.js";

const base = { width: 768, depth: 12, imageSize: 224 };
const large = { width: 1024, depth: 24, patchSize: 14 };

/** Sizes and numbers of parameters from table 20 of the paper and from OpenAI's files. */
const PUBLISHED: Record<
  string,
  ClipSizes & { readonly heads: readonly number[]; readonly parameters: number }
> = {
  "ViT-B/32": {
    text: { width: 512, depth: 12 },
    image: { ...base, patchSize: 32 },
    featureSize: 512,
    heads: [8, 12],
    parameters: 151_277_313,
  },
  "ViT-B/16": {
    text: { width: 512, depth: 12 },
    image: { ...base, patchSize: 16 },
    featureSize: 512,
    heads: [8, 12],
    parameters: 149_620_737,
  },
  "ViT-L/14": {
    text: { width: 768, depth: 12 },
    image: { ...large, imageSize: 224 },
    featureSize: 768,
    heads: [12, 16],
    parameters: 427_616_513,
  },
  "ViT-L/14@336": {
    text: { width: 768, depth: 12 },
    image: { ...large, imageSize: 336 },
    featureSize: 768,
    heads: [12, 16],
    parameters: 427_944_193,
  },
};

describe.each(Object.entries(PUBLISHED))("%s", (name, { heads, parameters, ...sizes }) => {
  const shapes = clipShapes(sizes);
  const infos = Object.entries(shapes).map(
    ([key, shape]) => [key, { dtype: "float32" as const, shape }] as const,
  );
  const tensors = new Map(infos);
  const architecture = inferClip(tensors);

  it("is known by its shapes", () => {
    expect(architecture).toMatchObject({ name, ...sizes });
    expect([architecture.text.heads, architecture.image.heads]).toEqual(heads);
    expect(infos.reduce((sum, [, { shape }]) => sum + Number(product(shape)), 0)).toBe(parameters);
  });

  it("has graphs that use every tensor once, and give features for any batch", () => {
    const graphs = [
      clipTextTower(tensors, architecture, "quick-gelu"),
      clipImageTower(tensors, architecture, "quick-gelu"),
    ];
    for (const { outputs } of graphs) expect(outputs[0]!.shape).toEqual(["B", sizes.featureSize]);
    const used = graphs.flatMap(({ initializers }) =>
      initializers.flatMap(({ source }) => (source.kind === "weight" ? [source.key] : [])),
    );
    expect([...used, "logit_scale"].sort()).toEqual(Object.keys(shapes).sort());
  });
});
