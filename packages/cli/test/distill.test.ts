import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodePng } from "@segany/sam";
import { saveFreshSam } from "@segany/training";
import { expect, it } from "vitest";
import { createWorkplace } from "./run-segany.js";

const workplace = createWorkplace();
const at = (...parts: string[]) => join(workplace.path, ...parts);

const DECODER = {
  transformerDim: 32,
  depth: 2,
  numHeads: 8,
  attentionDim: 16,
  mlpDim: 64,
  numMaskTokens: 4,
  maskInChannels: 16,
};

/** A model of 64 pixels with so many blocks. */
function save(name: string, depth: number): Promise<void> {
  const encoder = {
    kind: "vit",
    imageSize: 64,
    patchSize: 8,
    embedDim: 16,
    depth,
    numHeads: 4,
    mlpDim: 32,
    windowSize: 0,
    globalAttnIndexes: Array.from({ length: depth }, (_, i) => i),
    useRelPos: true,
    outChannels: 32,
  } as const;
  return saveFreshSam({ path: at(name), architecture: { encoder, decoder: DECODER }, seed: depth });
}

it("distils one checkpoint into another from images without labels, and repeats it from its config.yaml", async () => {
  await Promise.all([save("teacher.pth", 2), save("student.safetensors", 1)]);
  mkdirSync(at("photos", "more"), { recursive: true });
  for (let i = 0; i < 4; i++) {
    const data = Uint8ClampedArray.from({ length: 4 * 64 * 48 }, (_, at) =>
      at % 4 === 3 ? 255 : at * (i + 1),
    );
    const png = await encodePng({ width: 64, height: 48, data });
    writeFileSync(at("photos", i < 2 ? "more" : "", `${i}.png`), png);
  }
  const models = ["--checkpoint", "student.safetensors", "--distill-from", "teacher.pth"];
  const short = ["--steps", "4", "--lr", "1e-3", "--val-every", "2", "--views", "1", "--threads", "1"];
  const args = ["train", "--data", "photos", ...models, ...short];
  const run = await workplace.run(...args, "--output", "run", "--json");
  expect(run).toMatchObject({ status: 0 });
  const result = JSON.parse(run.stdout);
  expect(result).toMatchObject({ steps: 4, images: 2, validation_images: 2 });
  expect(result.best.distance).toBeLessThan(result.before.distance);
  expect(run.stderr).toContain("After 4 steps: distance of the embeddings");
  const again = await workplace.run("train", "--config", join("run", "config.yaml"), "--output", "again");
  expect(again).toMatchObject({ status: 0, stdout: expect.stringContaining("weights: ") });
  expect(readFileSync(at("again", "best.safetensors"))).toEqual(readFileSync(at(result.best_checkpoint)));

  const refused = await workplace.run(...args, "--output", "no", "--train", "lora");
  expect(refused).toMatchObject({ status: 2, stderr: expect.stringContaining("--train has no effect") });
});
