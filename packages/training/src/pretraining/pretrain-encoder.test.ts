/** Pre-training of a small encoder from random weights. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StateDict } from "@segany/graph/weights";
import { openCheckpointFile } from "@segany/runtime/files";
import { loadSam, readImage, SamPredictor } from "@segany/sam";
import { openTrainableModel } from "@segany/sam/training";
import { afterAll, beforeAll, expect, it } from "vitest";
import { SMALL_SAM, smallImages } from "../testing/small-sam.js";
import { saveFreshSam } from "./fresh-sam.js";
import { type PretrainOptions, pretrainEncoder } from "./pretrain-encoder.js";

let folder: string;
let start: string;
const images = smallImages(4);
const settings = { steps: 60, batch: 4, warmup: 5, decoderWidth: 32, minCrop: 0.9 };

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "segany-pretrain-"));
  start = join(folder, "start.safetensors");
  await saveFreshSam({ path: start, architecture: SMALL_SAM });
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const pretrain = (output: string, options: Partial<PretrainOptions> = {}) =>
  pretrainEncoder({
    checkpoint: start,
    images,
    output: join(folder, output),
    threads: 1,
    settings,
    ...options,
  });

async function contentOf({ tensors, load, close }: StateDict): Promise<Map<string, Float32Array>> {
  const content = new Map<string, Float32Array>();
  for (const key of tensors.keys()) content.set(key, await load(key));
  await close();
  return content;
}
const read = async (file: string) => contentOf(await openCheckpointFile(join(folder, file)));

it("a fresh model opens as what it was made as, the same for the same seed", async () => {
  const { model, state } = await openTrainableModel(undefined, { checkpoint: start });
  expect(model.architecture).toEqual(SMALL_SAM);
  await state.close();
  await saveFreshSam({ path: join(folder, "same.pth"), architecture: SMALL_SAM, seed: 0 });
  await saveFreshSam({ path: join(folder, "other.pth"), architecture: SMALL_SAM, seed: 1 });
  expect(await read("same.pth")).toEqual(await read("start.safetensors"));
  expect(await read("other.pth")).not.toEqual(await read("start.safetensors"));
});

it("makes the loss fall, and changes the blocks and the patch embedding alone", async () => {
  const losses: number[] = [];
  await pretrain("pretrained.safetensors", { onEvent: ({ loss }) => void losses.push(loss) });
  expect(losses).toHaveLength(60);
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  expect(mean(losses.slice(-10))).toBeLessThan(0.8 * mean(losses.slice(0, 5)));

  const [before, after] = [await read("start.safetensors"), await read("pretrained.safetensors")];
  expect([...after.keys()]).toEqual([...before.keys()]);
  for (const [key, values] of after) {
    const isTrained = /^image_encoder\.(patch_embed|blocks\.\d\.(norm|attn\.(qkv|proj)|mlp))/.test(key);
    expect(
      values.some((value, i) => value !== before.get(key)![i]),
      key,
    ).toBe(isTrained);
  }
});

it("gives the same weights for the same seed, which open as a model", async () => {
  const short = { ...settings, steps: 2 };
  for (const name of ["first.safetensors", "second.safetensors"]) await pretrain(name, { settings: short });
  expect(await read("first.safetensors")).toEqual(await read("second.safetensors"));
  const sam = await loadSam(undefined, { checkpoint: join(folder, "first.safetensors"), threads: 1 });
  const predictor = new SamPredictor(sam);
  await predictor.setImage(await readImage(await images[0].open()));
  const { masks } = await predictor.predict({ pointCoords: [[20, 40]], pointLabels: [1] });
  expect(masks.map(({ width, height }) => [width, height])).toEqual(new Array(3).fill([64, 64]));
  await sam.close();
});

it("refuses what it can't train on", async () => {
  await expect(pretrain("no.pth", { images: [] })).rejects.toMatchObject({ code: "data-empty" });
  const { checkpoint: _, ...embedded } = { checkpoint: start, images, output: join(folder, "no.pth") };
  await expect(pretrainEncoder(embedded)).rejects.toMatchObject({
    code: "option-invalid",
    message: expect.stringContaining("no ViT"),
  });
  for (const wrong of [{ maskedShare: 1 }, { maskedShare: 0.001 }, { steps: 0 }, { decoderWidth: 30 }])
    await expect(pretrain("no.pth", { settings: wrong })).rejects.toMatchObject({ code: "option-invalid" });
  await expect(pretrain("no.pth", { signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: "aborted",
  });
});
