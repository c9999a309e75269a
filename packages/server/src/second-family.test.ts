/** The server over a model unlike SAM: see `ellipse-family.ts` of the library's tests. */
import { decodeRle } from "@segany/masks";
import { decodeEmbeddingValues, encodePng, SamPredictor } from "@segany/sam";
import { expect, test } from "vitest";
import { ellipseImage, openEllipses } from "../../sam/src/testing/open-ellipses.js";
import { errorSchema } from "./contract/errors.js";
import { readFeatureShapes } from "./contract/feature-shapes.js";
import { EMBEDDING_HEADERS } from "./contract/images.js";
import { modelInfoSchema } from "./contract/model.js";
import { predictResponseSchema } from "./contract/predict.js";
import type { Worker } from "./inference/worker-process.js";
import { createWorkerTasks } from "./inference/worker-tasks.js";
import { openApp } from "./testing/open-app.js";

const CLICK = { pointCoords: [[40, 60]], pointLabels: [1] } as const;

/** A worker without a process. */
function workerHere(sam: Awaited<ReturnType<typeof openEllipses>>): Worker {
  const tasks = createWorkerTasks(async () => ({ sam, decoderWeights: new Uint8Array(8) }));
  const idle = new AbortController().signal;
  return {
    onEnd: () => undefined,
    end: () => undefined,
    whenIdle: async () => undefined,
    call: (method, input, { signal = idle, onProgress = () => undefined } = {}) =>
      tasks[method](input as never, { signal, onProgress, transfer: () => undefined }) as never,
  };
}

async function openEllipsesApp() {
  const sam = await openEllipses();
  const { width, height } = ellipseImage();
  const parts = {
    startProcess: () => workerHere(sam),
    file: await encodePng(ellipseImage()),
    record: { width, height },
  };
  const { app, image } = await openApp({}, undefined, parts);
  const url = `/v1/images/${image.id}`;
  const predict = (body: object) => app.inject({ method: "POST", url: `${url}/predict`, payload: body });
  return { app, url, predict, sam };
}

test("a model of another family is described with its sizes", async () => {
  const { app } = await openEllipsesApp();
  const answer = await app.inject({ url: "/v1/model" });
  expect(modelInfoSchema.parse(answer.json())).toMatchObject({
    imageSize: 48,
    fit: "stretch",
    maskSide: 24,
    tokenWidth: 5,
  });
});

test("its embedding comes with both feature maps, in either width of number", async () => {
  const { app, url, sam } = await openEllipsesApp();
  const predictor = new SamPredictor(sam);
  await predictor.setImage(ellipseImage());
  const { features } = predictor.getImageEmbedding();
  for (const dtype of ["float32", "float16"] as const) {
    const answer = await app.inject({ url: `${url}/embedding?dtype=${dtype}` });
    expect(answer.headers).toMatchObject({
      [EMBEDDING_HEADERS.features]: "coarse=1,3,12,12; fine=1,1,24,24",
      [EMBEDDING_HEADERS.inputSize]: "48x48",
    });
    const size = { width: 48, height: 48 };
    const found = decodeEmbeddingValues(Uint8Array.from(answer.rawPayload), {
      model: sam.model,
      imageSize: size,
      inputSize: size,
      features: readFeatureShapes(String(answer.headers[EMBEDDING_HEADERS.features]))!,
      dtype,
    });
    for (const [name, { data }] of Object.entries(features))
      for (const [i, value] of data.entries())
        expect(Math.abs(found.features[name]!.data[i]! - value)).toBeLessThan(1e-3);
  }
});

test("its clicks are answered as the library does, and refined in either form", async () => {
  const { predict, sam } = await openEllipsesApp();
  const predictor = new SamPredictor(sam);
  await predictor.setImage(ellipseImage());
  const { masks } = await predictor.predict(CLICK);
  const answer = await predict({ ...CLICK, returnLowResLogits: true });
  const found = predictResponseSchema.parse(answer.json()).masks;
  expect(found.map(({ segmentation }) => decodeRle(segmentation))).toEqual(masks);
  expect(found.map(({ area }) => area)).toEqual(masks.map(({ data }) => data.reduce((a, b) => a + b, 0)));

  const packed = found[2]!.low_res_logits!;
  const logits = new Float32Array(Uint8Array.from(Buffer.from(packed, "base64")).buffer);
  expect(logits.length).toBe(24 * 24);
  const rows = Array.from({ length: 24 }, (_, y) => [...logits.subarray(24 * y, 24 * (y + 1))]);
  const [fromText, fromRows] = await Promise.all(
    [packed, rows].map((maskInput) => predict({ ...CLICK, maskInput, multimaskOutput: false })),
  );
  expect(fromText!.statusCode).toBe(200);
  expect(fromRows!.json()).toEqual(fromText!.json());

  const other = Buffer.alloc(4 * 256 * 256).toString("base64");
  for (const maskInput of [other, [[1]], [[1, 2]], "AAAA", ""]) {
    const refused = await predict({ ...CLICK, maskInput });
    expect(errorSchema.parse(refused.json()).code).toBe("prompt-invalid");
  }
});

test("extra tokens reach its decoder, and those of another width are refused", async () => {
  const { predict, sam } = await openEllipsesApp();
  const predictor = new SamPredictor(sam);
  await predictor.setImage(ellipseImage());
  const tokens = [
    [-20, -10, 0, 0, 0],
    [0, 0, 0, -5, -1.5],
  ];
  const { masks } = await predictor.predict({
    ...CLICK,
    extraTokens: { shape: [2, 5], data: Float32Array.from(tokens.flat()) },
  });
  const plain = await predictor.predict(CLICK);
  expect(masks).not.toEqual(plain.masks);
  const answer = await predict({ ...CLICK, extraTokens: tokens });
  expect(
    predictResponseSchema.parse(answer.json()).masks.map(({ segmentation }) => decodeRle(segmentation)),
  ).toEqual(masks);
  for (const extraTokens of [[], [[]], [[1]], [[1, 2, 3, 4, 5], [1]], [["1", 2, 3, 4, 5]], "AAAA", [1]]) {
    const refused = await predict({ ...CLICK, extraTokens });
    expect([refused.statusCode, errorSchema.parse(refused.json()).code]).toEqual([422, "prompt-invalid"]);
  }
});
