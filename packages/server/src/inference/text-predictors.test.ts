import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SamPredictor, saveImageEmbedding } from "@segany/sam";
import type { TextGrounder } from "@segany/sam/text";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ellipseImage, openEllipses } from "../../../sam/src/testing/open-ellipses.js";
import { createTextPredictors } from "./text-predictors.js";

let folder: string;
let sam: Awaited<ReturnType<typeof openEllipses>>;
let embeddingPath: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "segany-text-"));
  sam = await openEllipses();
  const predictor = new SamPredictor(sam);
  await predictor.setImage(ellipseImage());
  embeddingPath = join(folder, "e.safetensors");
  await saveImageEmbedding(embeddingPath, predictor.getImageEmbedding());
});
afterAll(async () => {
  await sam.close();
  await rm(folder, { recursive: true });
});

const signal = new AbortController().signal;
const pixels = { imagePath: "a.png", maxPixels: 1e6 };
const grounder: TextGrounder = {
  engine: "detector",
  checkpointSha256: "d".repeat(64),
  check: (text) => text,
  ground: async () => ({ engine: "detector", objects: [] }),
  close: async () => undefined,
  [Symbol.asyncDispose]: async () => undefined,
};

it("reads an image once for all words about it, and again after another", async () => {
  const read: string[] = [];
  const predictors = createTextPredictors({
    read: async ({ imagePath }) => {
      read.push(imagePath);
      return ellipseImage();
    },
    openGrounder: async () => grounder,
  });
  const of = (imageId: string) => predictors.of(sam, { imageId, embeddingPath, pixels }, signal);
  expect(await of("a")).toBe(await of("a"));
  expect((await (await of("a")).predict({ text: "dog" })).masks).toEqual([]);
  await of("b");
  await of("a");
  expect(read).toHaveLength(3);
});

it("says that words can't be used where the engine does not open, and tries again", async () => {
  let attempts = 0;
  const predictors = createTextPredictors({
    read: async () => ellipseImage(),
    openGrounder: async () => {
      if (attempts++ === 0) throw new Error("/home/me/detector is missing");
      return grounder;
    },
  });
  const of = () => predictors.of(sam, { imageId: "a", embeddingPath, pixels }, signal);
  await expect(of()).rejects.toMatchObject({
    code: "text-unavailable",
    message: expect.not.stringContaining("/home/me"),
  });
  expect(await of()).toBeDefined();
});
