import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RgbaImage } from "@segany/masks";
import { openClip, similarity } from "@segany/sam/text";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type CaptionedImage, type TrainClipOptions, trainClip } from "./train-clip.js";

const COLOURS = { red: [220, 30, 30], green: [30, 180, 40], blue: [40, 60, 220], white: [240, 240, 240] };
const SIZES = {
  text: { width: 64, depth: 1 },
  image: { width: 64, depth: 1, patchSize: 8, imageSize: 16 },
  featureSize: 16,
};

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "segany-train-clip-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function plain(colour: readonly number[]): RgbaImage {
  const data = new Uint8ClampedArray(4 * 16 * 16);
  for (let i = 0; i < data.length; i += 4) data.set([...colour, 255], i);
  return { width: 16, height: 16, data };
}
const batch: CaptionedImage[] = Object.entries(COLOURS).map(([name, colour]) => ({
  image: plain(colour),
  text: `a ${name} square`,
}));
const options = (more: Partial<TrainClipOptions> = {}): TrainClipOptions => ({
  ...{ sizes: SIZES, drawBatch: () => batch, output: join(folder, "clip.safetensors"), threads: 1 },
  settings: { steps: 16, warmup: 4, learningRate: 1e-3 },
  ...more,
});

it("learns which caption is whose, and saves a CLIP that opens", async () => {
  const losses: number[] = [];
  await trainClip(options({ onEvent: ({ loss }) => void losses.push(loss) }));
  expect(losses[0]).toBeGreaterThan(0.5);
  expect(losses.at(-1)).toBeLessThan(0.2 * losses[0]!);
  await using clip = await openClip({ checkpoint: options().output, cacheDirectory: folder, threads: 1 });
  const images = await clip.embedImages(batch.map(({ image }) => image));
  const texts = await clip.embedText(batch.map(({ text }) => text));
  for (const [i, text] of texts.entries()) {
    const cosines = images.map((image) => similarity(image, text));
    expect(cosines.indexOf(Math.max(...cosines))).toBe(i);
  }
});

it("refuses what can't be told apart, or read, and stops", async () => {
  const fails = (more: Partial<TrainClipOptions>, code: string) =>
    expect(trainClip(options({ output: join(folder, "none.safetensors"), ...more }))).rejects.toMatchObject({
      code,
    });
  await fails({ drawBatch: () => batch.slice(0, 1) }, "data-empty");
  await fails({ drawBatch: () => [batch[0]!, { ...batch[1]!, text: " " }] }, "prompt-invalid");
  await fails({ signal: AbortSignal.abort() }, "aborted");
});
