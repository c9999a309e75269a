import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encodeSafetensors } from "@segany/graph/weights";
import type { RgbaImage } from "@segany/masks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { asHuggingFace, randomClip, type Tensors } from "../testing/random-clip.js";
import { type Clip, similarity } from "./clip.js";
import { clipKey } from "./clip-keys.js";
import { type OpenClipOptions, openClip } from "./node-clip.js";

const TEXTS = ["a photo of a cat", "dog", "two red wheels, and a much longer text about nothing"];

let folder: string;
let clip: Clip;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "segany-clip-"));
  clip = await open("openai", randomClip(), { activation: "quick-gelu" });
});
afterAll(async () => {
  await clip.close();
  await rm(folder, { recursive: true });
});

async function open(name: string, tensors: Tensors, options: Partial<OpenClipOptions> = {}): Promise<Clip> {
  const checkpoint = join(folder, `${name}.safetensors`);
  await writeFile(checkpoint, encodeSafetensors(tensors));
  return openClip({ checkpoint, cacheDirectory: folder, ...options });
}

describe("a CLIP model", () => {
  it("has the sizes of its tensors", () => {
    expect(clip.architecture).toEqual({
      name: "ViT",
      text: { width: 64, depth: 1, heads: 1, context: 77 },
      image: { width: 64, depth: 2, heads: 1, patchSize: 8, imageSize: 32 },
      featureSize: 16,
    });
  });

  it("gives the same features under Hugging Face's names and with wrappers around OpenCLIP's", async () => {
    const prefixed = Object.entries(randomClip()).map(([key, tensor]) => [
      /^(visual|logit)/.test(key) ? `module.${key}` : `module.text.${key}`,
      tensor,
    ]);
    const files: Record<string, Tensors> = {
      hf: asHuggingFace(randomClip()),
      wrapped: Object.fromEntries(prefixed),
    };
    for (const [name, tensors] of Object.entries(files)) {
      await using other = await open(name, tensors, { activation: "quick-gelu" });
      expectSame(await other.embedText(TEXTS), await clip.embedText(TEXTS));
      expectSame([await other.embedImage(picture(40, 30))], [await clip.embedImage(picture(40, 30))]);
    }
  });

  it("gives vectors of length 1, alone the same as among others", async () => {
    const images = [picture(40, 30), picture(33, 90), picture(32, 32)];
    const together = [...(await clip.embedText(TEXTS)), ...(await clip.embedImages(images))];
    const alone = [];
    for (const text of TEXTS) alone.push(...(await clip.embedText([text])));
    for (const image of images) alone.push(await clip.embedImage(image));
    expectSame(together, alone);
    for (const vector of together) expect(similarity(vector, vector)).toBeCloseTo(1, 5);
    expect(similarity(together[0]!, together[1]!)).toBeLessThan(0.999);
    expect(await clip.embedText([])).toEqual([]);
  });

  it("reads an object's features from the patches that show it", async () => {
    const alphaOn = (isOn: (x: number) => boolean, shade = 0): RgbaImage => {
      const image = picture(32, 32);
      for (let i = 0; i < 32 * 32; i++) {
        if (!isOn(i % 32)) image.data[4 * i] = image.data[4 * i]! + shade;
        image.data[4 * i + 3] = isOn(i % 32) ? 9 : 0;
      }
      return image;
    };
    const isLeft = (x: number) => x < 7; // in the first of four columns of patches
    const [whole] = await clip.embedObjects([alphaOn(() => true)]);
    expectSame([whole!], [await clip.embedImage(picture(32, 32))]);
    const [left, right] = await clip.embedObjects([alphaOn(isLeft), alphaOn((x) => x > 24)]);
    for (const [a, b] of [
      [left, right],
      [left, whole],
    ])
      expect(similarity(a!, b!)).toBeLessThan(0.999);
    // With a single block nothing of the other patches comes through.
    const shallow = Object.entries(randomClip()).filter(
      ([key]) => !key.startsWith("visual.transformer.resblocks.1."),
    );
    await using single = await open("single", Object.fromEntries(shallow), { activation: "quick-gelu" });
    const isInside = (x: number) => x < 8;
    const [plain, changed] = await single.embedObjects([alphaOn(isInside), alphaOn(isInside, 90)]);
    expectSame([plain!], [changed!]);
  });

  it("reads a text up to its first end mark", async () => {
    const [marked, plain] = await clip.embedText(["dog <|endoftext|> and more", "dog"]);
    expectSame([marked!], [plain!]);
  });

  it("takes the activation of the publisher, or that of the configuration beside the weights", async () => {
    await using openClipNames = await open("names", randomClip());
    expect(openClipNames.activation).toBe("gelu");
    await using huggingFace = await open("hf", asHuggingFace(randomClip()));
    expect(huggingFace.activation).toBe("quick-gelu");
    await writeFile(join(folder, "config.json"), JSON.stringify({ text_config: { hidden_act: "gelu" } }));
    await using laion = await open("hf", asHuggingFace(randomClip()));
    expect(laion.activation).toBe("gelu");
    await writeFile(join(folder, "config.json"), JSON.stringify({ text_config: { hidden_act: "relu" } }));
    await expect(open("hf", asHuggingFace(randomClip()))).rejects.toMatchObject({
      code: "checkpoint-unsupported",
    });
    await rm(join(folder, "config.json"));
  });
});

describe("what can't be embedded", () => {
  it.each(["", "  \n", "\u0000", "x".repeat(10_000), "\ud800"])("is an error (%j)", async (text) => {
    await expect(clip.embedText(["dog", text])).rejects.toMatchObject({ code: "prompt-invalid" });
  });

  it("is a text with too many tokens, unless it may be cut", async () => {
    const long = "dog ".repeat(100);
    await expect(clip.embedText([long])).rejects.toMatchObject({ code: "prompt-invalid" });
    const [cut, fitting] = await clip.embedText([long, "dog ".repeat(75)], { truncate: true });
    expectSame([cut!], [fitting!]);
  });

  it("is an object in no square, or that nothing shows", async () => {
    const clear = { ...picture(8, 8), data: new Uint8ClampedArray(4 * 64) };
    for (const crop of [picture(16, 8), clear])
      await expect(clip.embedObjects([crop])).rejects.toMatchObject({ code: "option-invalid" });
  });

  it("is what a caller has cancelled, and features of another size can't be compared", async () => {
    const signal = AbortSignal.abort();
    await expect(clip.embedText(["dog"], { signal })).rejects.toMatchObject({ code: "aborted" });
    expect(() => similarity(new Float32Array(16), new Float32Array(512))).toThrow(/different models/);
  });
});

describe("checkpoints that are no such CLIP", () => {
  const zeros = (...shape: readonly number[]) => ({
    shape,
    data: new Float32Array(shape.reduce((a, b) => a * b, 1)),
  });
  const without = (key: string): Tensors => {
    const { [key]: _, ...rest } = randomClip();
    return rest;
  };
  const refused: Record<string, readonly [tensors: Tensors, code: string, message: RegExp]> = {
    sam: [
      { "image_encoder.pos_embed": zeros(1, 2, 2, 8) },
      "checkpoint-invalid",
      /no CLIP model.*image_encoder/,
    ],
    resnet: [{ "visual.layer1.0.conv1.weight": zeros(1) }, "checkpoint-unsupported", /ResNet/],
    siglip: [without("visual.class_embedding"), "checkpoint-unsupported", /SigLIP/],
    "half-a-model": [without("visual.conv1.weight"), "checkpoint-invalid", /visual\.conv1\.weight/],
    "no-projection": [without("text_projection"), "checkpoint-invalid", /"text_projection"/],
    "no-scale": [without("logit_scale"), "checkpoint-invalid", /"logit_scale"/],
    vocabulary: [
      { ...randomClip(), "token_embedding.weight": zeros(30_000, 64) },
      "checkpoint-unsupported",
      /30000 tokens/,
    ],
    positions: [
      { ...randomClip(), "visual.positional_embedding": zeros(18, 64) },
      "checkpoint-invalid",
      /18 rows/,
    ],
    features: [{ ...randomClip(), "visual.proj": zeros(64, 8) }, "checkpoint-invalid", /16 values.*8/],
    huge: [
      { ...randomClip(), "visual.conv1.weight": zeros(1280, 3, 8, 8) },
      "checkpoint-unsupported",
      /1280/,
    ],
  };

  it.each(Object.keys(refused))("are refused with a reason: %s", async (name) => {
    const [tensors, code, message] = refused[name]!;
    await expect(open(name, tensors)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
    await expect(open(name, tensors)).rejects.toThrow(`${name}.safetensors`);
  });

  it("and so are a missing file, another activation and unknown options", async () => {
    const missing = join(folder, "missing.pt");
    await expect(openClip({ checkpoint: missing })).rejects.toMatchObject({ code: "checkpoint-not-found" });
    const options = { checkpoint: join(folder, "openai.safetensors"), cacheDirectory: folder };
    const wrong = { activation: "relu" } as object;
    await expect(openClip({ ...options, ...wrong })).rejects.toMatchObject({ code: "option-invalid" });
    await expect(openClip({ ...options, ...{ model: "b32" } })).rejects.toMatchObject({
      code: "option-invalid",
    });
  });
});

it("gives every tensor of Hugging Face's file OpenAI's name, and each another one", () => {
  const names = Object.keys(asHuggingFace(randomClip())).map(clipKey);
  expect(new Set(names).size).toBe(names.length);
  const apart = /(q|k|v)_proj\.|_projection\.weight$/;
  const known = new Set(Object.keys(randomClip()));
  expect(names.filter((name) => !apart.test(name) && !known.has(name))).toEqual([]);
});

function picture(width: number, height: number): RgbaImage {
  const data = Uint8ClampedArray.from({ length: width * height * 4 }, (_, i) => (i * 37 + width * 11) % 256);
  return { width, height, data };
}

function expectSame(actual: readonly Float32Array[], expected: readonly Float32Array[]): void {
  expect(actual.length).toBe(expected.length);
  actual.forEach((vector, i) => {
    vector.forEach((value, j) => {
      expect(Math.abs(value - expected[i]![j]!)).toBeLessThan(1e-5);
    });
  });
}
