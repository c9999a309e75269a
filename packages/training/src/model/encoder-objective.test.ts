/** Gradients of whole image encoders beside differences of their results, for weights of every kind. */
import { describe, expect, it } from "vitest";
import { smallNetworks } from "../../../sam/src/testing/small-networks.js";
import { createRandom } from "../random/random.js";
import { loadParameters, type Parameters } from "../step/parameters.js";
import type { Path } from "./drop-path.js";
import { openTrainedEncoder, type TrainedEncoder } from "./encoder-objective.js";

/** Values of which no two runs differ, around zero. */
const wave = (length: number, phase: number) =>
  Float32Array.from({ length }, (_, i) => Math.sin(0.37 * i + phase));

/** Weights of the last block's MLP alone, by the networks' names. */
const LAST_MLP: Readonly<Record<string, readonly string[]>> = {
  ViT: [
    "mlp.lin1.bias",
    "mlp.lin1.weight",
    "mlp.lin2.bias",
    "mlp.lin2.weight",
    "norm2.bias",
    "norm2.weight",
  ].map((name) => `image_encoder.blocks.1.${name}`),
  TinyViT: ["fc1.bias", "fc1.weight", "fc2.bias", "fc2.weight", "norm.bias", "norm.weight"].map(
    (name) => `image_encoder.layers.3.blocks.0.mlp.${name}`,
  ),
};

describe.each(smallNetworks)("the gradients of $name", ({ name, network, weights, imageSide, side }) => {
  const leftOut = LAST_MLP[name];
  const open = (dropPath = 0) =>
    openTrainedEncoder(
      {
        model: { features: { image_embeddings: [1, 8, side, side] } },
        network,
        prepare: () => ({
          image: {
            dtype: "float32",
            shape: [1, 3, imageSide, imageSide],
            data: wave(3 * imageSide * imageSide, 1),
          },
        }),
      } as never,
      {
        weights: weights.shapes,
        load: async (key) => weights.values.get(key)!,
        isTrained: (key) => network.partOf(key) !== undefined,
        session: { threads: 1 },
        dropPath,
      },
    );
  const image = { width: 1, height: 1, data: new Uint8ClampedArray(4) };
  const upstream = wave(8 * side * side, 2);

  const ofAll = (encoder: TrainedEncoder) =>
    loadParameters(encoder.keys, weights.shapes, async (key) => weights.values.get(key)!);

  it.each([0, 0.5])("are what the result changes by, with a drop path of %d", async (dropPath) => {
    const encoder = await open(dropPath);
    const path = encoder.drawPath(createRandom(4));
    expect([...encoder.keys].sort()).toEqual(
      [...weights.shapes.keys()].filter((key) => network.partOf(key) !== undefined).sort(),
    );
    const parameters = await ofAll(encoder);
    const byFeature = new Map([["image_embeddings", upstream]]);
    const gradients = await encoder.backwards(parameters, image, path, byFeature);
    const resultOf = async (changed: Parameters) => {
      const { image_embeddings: features } = await encoder.encode(changed, image, path);
      return (features!.data as Float32Array).reduce((sum, value, i) => sum + value * upstream[i]!, 0);
    };
    let checked = 0;
    for (const key of encoder.keys) {
      const gradient = gradients.get(key)!;
      const norm = Math.hypot(...gradient);
      if (norm < 1e-3) continue; // below what float32 can tell, as for the biases of keys
      checked++;
      const along = async (length: number) => {
        const { shape, data } = parameters.get(key)!;
        const moved = data.map((value, i) => value + (length * gradient[i]!) / norm);
        return resultOf(new Map([...parameters, [key, { shape, data: moved }]]));
      };
      const step = 5e-3;
      const slope = ((await along(step)) - (await along(-step))) / (2 * step);
      expect(Math.abs(slope - norm) / norm, `${key}: ${norm}, not ${slope}`).toBeLessThan(0.03);
    }
    expect(checked).toBeGreaterThan((dropPath > 0 ? 0.5 : 0.9) * encoder.keys.length);
    await encoder.close();
  });

  it("are none by a branch that is left out, and the whole path is the encoder without drop path", async () => {
    const [encoder, plain] = [await open(0.5), await open()];
    const parameters = await ofAll(encoder);
    const whole = encoder.drawPath();
    const features = async (one: TrainedEncoder, path: Path) =>
      (await one.encode(parameters, image, path)).image_embeddings!.data;
    expect(Object.keys(plain.drawPath())).toEqual([]);
    expect(await features(encoder, whole)).toEqual(await features(plain, {}));

    const [last] = Object.keys(whole).slice(-1);
    const path = { ...whole, [last!]: { dtype: "float32", shape: [], data: Float32Array.of(0) } } as const;
    const gradients = await encoder.backwards(
      parameters,
      image,
      path,
      new Map([["image_embeddings", upstream]]),
    );
    const left = encoder.keys.filter((key) => gradients.get(key)!.every((value) => value === 0));
    expect(left.sort()).toEqual(leftOut);
    await Promise.all([encoder.close(), plain.close()]);
  });
});
