import { SamError } from "@segany/masks";
import { type ImageEmbedding, SamPredictor } from "@segany/sam";
import type { TextGrounder } from "@segany/sam/text";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ellipseImage, openEllipses } from "../../../sam/src/testing/open-ellipses.js";
import { createTextPredictors } from "./text-predictors.js";

let sam: Awaited<ReturnType<typeof openEllipses>>;
let load: () => Promise<ImageEmbedding>;
beforeAll(async () => {
  sam = await openEllipses();
  const predictor = new SamPredictor(sam);
  await predictor.setImage(ellipseImage());
  load = async () => predictor.getImageEmbedding();
});
afterAll(() => sam.close());

const signal = new AbortController().signal;
const pixels = { imagePath: "a.png", maxPixels: 1e6 };
const grounder: TextGrounder = {
  engine: "detector",
  checkpointSha256: "d".repeat(64),
  check: (text) => text,
  ground: async () => ({ engine: "detector", defaultThreshold: 0.3, objects: [] }),
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
  const of = (key: string) => predictors.of(sam, { key, load, pixels }, signal);
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
  const of = () => predictors.of(sam, { key: "a", load, pixels }, signal);
  await expect(of()).rejects.toMatchObject({
    code: "text-unavailable",
    message: expect.not.stringContaining("/home/me"),
  });
  expect(await of()).toBeDefined();
});

it("opens an engine for each model, and ends the one before", async () => {
  const closed: string[] = [];
  let opened = 0;
  const predictors = createTextPredictors({
    read: async () => ellipseImage(),
    openGrounder: async () => {
      const name = `engine ${opened++}`;
      return { ...grounder, close: async () => void closed.push(name) };
    },
  });
  await predictors.open(sam);
  const first = await predictors.of(sam, { key: "a", load, pixels }, signal);
  expect([opened, closed]).toEqual([1, []]);
  await using other = await openEllipses();
  const second = await predictors.of(other, { key: "a", load, pixels }, signal);
  expect([opened, closed, first === second]).toEqual([2, ["engine 0"], false]);
});

it("tells at the start what is wrong with the weights", async () => {
  const refused = new SamError("checkpoint-invalid", "owl.safetensors is damaged.");
  const predictors = createTextPredictors({
    read: async () => ellipseImage(),
    openGrounder: () => Promise.reject(refused),
  });
  await expect(predictors.open(sam)).rejects.toBe(refused);
});
