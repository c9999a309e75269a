import type { StateDict } from "@segany/graph/weights";
import type { RunTensor, Session } from "@segany/runtime";
import { expect, it } from "vitest";
import type { ImageEmbedding } from "../embeddings/image-embedding.js";
import { samFamily } from "../families/sam/sam-family.js";
import { decoderWeightShapes } from "../families/sam/weight-shapes.js";
import { packPrompts } from "../model/prompt-batch.js";
import { SMALL_ARCHITECTURE } from "../testing/small-architecture.js";
import { createDecoder } from "./decoder.js";
import type { ModelInfo } from "./types.js";

const tensors = new Map(
  Object.entries(decoderWeightShapes(SMALL_ARCHITECTURE)).map(([key, shape]) => [key, { shape }]),
);
const model = {
  ...samFamily.io(SMALL_ARCHITECTURE),
  architecture: SMALL_ARCHITECTURE,
} as unknown as ModelInfo;
const state = {
  tensors,
  load: () => Promise.reject(new Error("no weight is needed")),
} as unknown as StateDict;
const prompt = packPrompts([{ pointCoords: [[1, 1]], pointLabels: [1] }]);

/** Sessions that compute nothing: the embeddings' first values that were prepared are noted. */
function openFakeDecoder() {
  const prepared: number[] = [];
  const none: RunTensor = { dtype: "float32", shape: [1, 1], data: new Float32Array(1) };
  const decoder = createDecoder({ model, family: samFamily }, state, async (graph) => {
    const inputNames = graph.inputs.map(({ name }) => name);
    return {
      inputNames,
      async run(feeds: Readonly<Record<string, RunTensor>>) {
        if (inputNames.join() === "image_embeddings")
          prepared.push(feeds.image_embeddings!.data[0] as number);
        return { iou_predictions: none, low_res_logits: none };
      },
      close: async () => undefined,
    } as unknown as Session;
  });
  return { decoder, prepared };
}

const embeddings = Array.from(
  { length: 5 },
  (_, i) =>
    ({
      features: { image_embeddings: { shape: [1, 32, 8, 8], data: Float32Array.of(i) } },
    }) as unknown as ImageEmbedding,
);

it("prepares an image once for all its prompts, and keeps the four that were used last", async () => {
  const { decoder, prepared } = openFakeDecoder();
  const ask = async (...images: number[]) => {
    for (const image of images) await decoder.decode(embeddings[image]!, prompt, "three");
    return prepared.splice(0);
  };
  expect(await ask(0, 0, 1, 2, 3, 3)).toEqual([0, 1, 2, 3]);
  expect(await ask(0, 4)).toEqual([4]); // 1 was used longest ago, and goes
  expect(await ask(0, 2, 3, 4)).toEqual([]);
  expect(await ask(1)).toEqual([1]);
});
