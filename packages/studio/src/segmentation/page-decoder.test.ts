import { runsToMask } from "@segany/masks";
import { describeEmbedding, encodeEmbeddingValues, SamPredictor } from "@segany/sam";
import { EMBEDDING_HEADERS, writeFeatureShapes } from "@segany/server/contract";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ellipseImage, openEllipses } from "../../../sam/src/testing/open-ellipses.js";
import { readEmbedding } from "../api/embedding.js";
import { createPageDecoder } from "./page-decoder.js";

const CLICK = { pointCoords: [[40, 60]], pointLabels: [1] } as const;

const sam = await openEllipses();
const predictor = new SamPredictor(sam);
beforeAll(() => predictor.setImage(ellipseImage()));
afterAll(() => sam.close());

/** The embedding as a server sends it. */
function answer(): Response {
  const embedding = predictor.getImageEmbedding();
  const { features, imageSize, inputSize, model } = describeEmbedding(embedding, "float32");
  const headers = {
    [EMBEDDING_HEADERS.features]: writeFeatureShapes(features),
    [EMBEDDING_HEADERS.dtype]: "float32",
    [EMBEDDING_HEADERS.imageSize]: `${imageSize.width}x${imageSize.height}`,
    [EMBEDDING_HEADERS.inputSize]: `${inputSize.width}x${inputSize.height}`,
    [EMBEDDING_HEADERS.modelName]: model.name,
    [EMBEDDING_HEADERS.checkpointSha256]: model.checkpointSha256,
  };
  return new Response(Uint8Array.from(encodeEmbeddingValues(embedding, "float32")), { headers });
}

it("a page decodes the embedding of any family as the library does, and refines its answers", async () => {
  const decode = createPageDecoder(sam, await readEmbedding(answer(), () => undefined));
  const alternatives = await decode(CLICK, { multimask: true });
  const { masks, iouPredictions } = await predictor.predict(CLICK);
  expect(alternatives.map(({ segmentation }) => runsToMask(segmentation))).toEqual(masks);
  expect(alternatives.map(({ predictedIou }) => predictedIou)).toEqual(iouPredictions);
  expect(alternatives.map(({ areaPx }) => areaPx)).toEqual(
    masks.map(({ data }) => data.reduce((sum, value) => sum + value, 0)),
  );
  const maskInput = alternatives[2]!.lowResLogits;
  const [refined] = await decode({ ...CLICK, maskInput }, { multimask: false });
  const expected = await predictor.predict({ ...CLICK, maskInput, multimaskOutput: false });
  expect(refined!.lowResLogits).toEqual(expected.lowResLogits[0]);
});
