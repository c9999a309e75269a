import { createHash } from "node:crypto";
import { boxIou, boxXywhToXyxy, cocoBox, decodeRle, type Rle, rleIou } from "@segany/masks";
import { readImage } from "@segany/sam";
import {
  EMBEDDING_HEADERS,
  imageListSchema,
  modelInfoSchema,
  type PredictRequest,
  paths,
} from "@segany/server/contract";
import { beforeAll, describe, expect, it } from "vitest";
import golden from "../../../fixtures/still-life.json" with { type: "json" };
import { type Client, createClient, expectError, json, send } from "./client.js";
import { readEvents } from "./events.js";
import { createWorkplace, type ServerProcess } from "./server-process.js";
import { paintImage, pillowImage, stillLife } from "./test-images.js";

const workplace = createWorkplace();
let server: ServerProcess;
let client: Client;
let id: string;

beforeAll(async () => {
  server = await workplace.start(workplace.folder("data"));
  client = createClient(server.address);
  ({ id } = await client.upload(stillLife, "still-life.jpg"));
});

const get = (path: string, headers: Record<string, string> = {}) =>
  send(server.address, { path: `/${path}`, headers });

describe("an uploaded image", () => {
  it("is known by the hash of its file, and the same file by the same id", async () => {
    const info = await client.image(id);
    expect(info).toMatchObject({
      id: createHash("sha256").update(stillLife).digest("hex"),
      width: 1200,
      height: 800,
      name: "still-life.jpg",
      orientation: 1,
      mediaType: "image/jpeg",
      bytes: stillLife.length,
    });
    expect((await client.upload(stillLife, "again.jpg")).id).toBe(id);
    const { images } = imageListSchema.parse(JSON.parse((await get(paths.images())).text));
    expect(images.filter((image) => image.id === id)).toHaveLength(1);
  });

  it("is listed with the newest first, and is gone when deleted", async () => {
    const { id: other } = await client.upload(await paintImage(1), "disc.png");
    const { images } = imageListSchema.parse(JSON.parse((await get(paths.images())).text));
    expect(images.map((image) => image.id)).toEqual([other, id]);
    const one = imageListSchema.parse(JSON.parse((await get(paths.images(id))).text));
    expect(one.images.map((image) => image.id)).toEqual([id]);
    expect((await send(server.address, { method: "DELETE", path: `/${paths.image(other)}` })).status).toBe(
      204,
    );
    expect(JSON.parse((await get(paths.images(other))).text)).toEqual({ images: [] });
    expectError(await get(paths.images("no-hash")), "bad-request");
    expectError(await get(paths.image(other)), "not-found");
    expectError(await get(paths.preview(other)), "not-found");
    expectError(await get(paths.embedding(other, "float32")), "not-found");
  });

  it("comes back as it was, smaller when asked, and not again to who has it", async () => {
    const whole = await get(paths.preview(id));
    expect(whole.headers["content-type"]).toBe("image/jpeg");
    expect(whole.body.equals(stillLife)).toBe(true);
    expect((await get(paths.preview(id), { "if-none-match": whole.headers.etag! })).status).toBe(304);
    for (const maxSide of [320, 200]) {
      const { width, height } = await readImage((await get(paths.preview(id, maxSide))).body);
      expect([width, height]).toEqual([maxSide, Math.round((maxSide * 800) / 1200)]);
    }
    expectError(await get(`${paths.preview(id)}?maxSide=0`), "bad-request");
  });

  it.each(["exif6.jpg", "cmyk_lzw.tif", "lossy.webp", "rgb16.png"])(
    "has one frame for the image, the list and the masks: %s",
    async (name) => {
      const shown = await readImage(pillowImage(`${name}.expected.png`));
      const info = await client.upload(pillowImage(name), name);
      expect([info.width, info.height]).toEqual([shown.width, shown.height]);
      expect(info.orientation).toBe(name === "exif6.jpg" ? 6 : 1);
      const image = await readImage((await get(paths.preview(info.id))).body);
      expect([image.width, image.height]).toEqual([shown.width, shown.height]);
      const { masks } = await client.predict(info.id, {
        pointCoords: [[shown.width - 1, shown.height - 1]],
        pointLabels: [1],
      });
      for (const { segmentation } of masks) expect(segmentation.size).toEqual([shown.height, shown.width]);
    },
  );
});

describe("a prompt", () => {
  it.each(golden.predict)("gives the golden masks: $id", async (prompt) => {
    const { masks } = await client.predict(id, {
      pointCoords: prompt.points as [number, number][],
      pointLabels: prompt.labels as (0 | 1)[],
      box: prompt.box as [number, number, number, number] | null,
      multimaskOutput: prompt.multimask,
    });
    expect(masks).toHaveLength(prompt.masks.length);
    for (const [i, { segmentation, area, bbox, predicted_iou }] of masks.entries()) {
      expect(rleIou([segmentation], [prompt.masks[i] as unknown as Rle])[0]).toBeGreaterThan(0.995);
      expect(predicted_iou).toBeCloseTo(prompt.iou_predictions[i]!, 2);
      expect(measure(segmentation)).toEqual({ area, bbox });
    }
  });

  it("takes every optional field as absent or null", async () => {
    const bare = { pointCoords: [[610, 430]], pointLabels: [1] } satisfies PredictRequest;
    const nulls = { box: null, maskInput: null, multimaskOutput: null, returnLowResLogits: null };
    const answer = await client.predict(id, bare as PredictRequest);
    expect(await client.predict(id, { ...bare, ...nulls } as PredictRequest)).toEqual(answer);
    expect(answer.masks).toHaveLength(3);
    expect(answer.masks[0]).not.toHaveProperty("low_res_logits");
  });

  it("finds objects by words, and chooses among them by a point", async () => {
    const { text_engine, masks } = await client.predict(id, { text: "bottle" } as PredictRequest);
    expect(text_engine).toBe("detector");
    expect(masks).toHaveLength(1);
    expect(masks[0]).toMatchObject({ label: "bottle", category: "bottle" });
    expect(masks[0]!.text_score).toBeGreaterThan(0.3);
    expect(boxIou(boxXywhToXyxy(cocoBox(masks[0]!.bbox)), [708, 134, 822, 421])).toBeGreaterThan(0.95);
    const apples = { text: "apple", textThreshold: 0.2 };
    const one = await client.predict(id, {
      ...apples,
      pointCoords: [[480, 450]],
      pointLabels: [1],
    } as PredictRequest);
    expect(one.masks).toHaveLength(1);
    expect((await client.predict(id, { text: "bicycle" } as PredictRequest)).masks).toEqual([]);
    const ask = (text: string) =>
      send(server.address, { method: "POST", path: `/${paths.predict(id)}`, ...json({ text }) });
    expectError(await ask("flux capacitor"), "text-unknown");
    for (const text of ["", "dog\u0000", "dog ".repeat(200)]) expectError(await ask(text), "prompt-invalid");
  });

  it("is refined by the logits of the answer before, in either form", async () => {
    const point: PredictRequest = { pointCoords: [[610, 430]], pointLabels: [1], returnLowResLogits: true };
    const before = await client.predict(id, point);
    const packed = before.masks[1]!.low_res_logits!;
    const bytes = Buffer.from(packed, "base64");
    const logits = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
    expect(logits).toHaveLength(256 * 256);
    const rows = Array.from({ length: 256 }, (_, y) => [...logits.subarray(256 * y, 256 * (y + 1))]);
    const refined = await client.predict(id, { ...point, maskInput: packed, multimaskOutput: false });
    expect(refined.masks).toHaveLength(1);
    expect(await client.predict(id, { ...point, maskInput: rows, multimaskOutput: false })).toEqual(refined);
    const plain = await client.predict(id, { ...point, multimaskOutput: false });
    expect(refined.masks[0]!.low_res_logits).not.toBe(plain.masks[0]!.low_res_logits);
  });

  it("is answered with what is wrong with it", async () => {
    for (const [request, message] of [
      [{}, /./],
      [{ pointCoords: [[610, 430]], pointLabels: [1, 0] }, /label/],
      [{ pointCoords: [[610, 430]] }, /label/],
      [{ pointCoords: [[5000, 430]], pointLabels: [1] }, /5000/],
      [{ pointCoords: [[610, 430]], pointLabels: [2] }, /pointLabels/],
      [{ box: [10, 10, 5] }, /box/],
    ] as const) {
      const answer = await send(server.address, {
        method: "POST",
        path: `/${paths.predict(id)}`,
        ...json(request),
      });
      expectError(answer, "prompt-invalid");
      expect(answer.text).toMatch(message);
    }
  });
});

describe("an embedding", () => {
  it("comes as float32 and float16 with its shape, sizes and model in the headers", async () => {
    const full = await get(paths.embedding(id, "float32"));
    const half = await get(paths.embedding(id, "float16"));
    const model = modelInfoSchema.parse(JSON.parse((await get(paths.model())).text));
    for (const [answer, dtype] of [
      [full, "float32"],
      [half, "float16"],
    ] as const) {
      expect(answer.status).toBe(200);
      expect(answer.headers).toMatchObject({
        "content-type": "application/octet-stream",
        [EMBEDDING_HEADERS.features]: "image_embeddings=1,256,64,64",
        [EMBEDDING_HEADERS.dtype]: dtype,
        [EMBEDDING_HEADERS.imageSize]: "1200x800",
        [EMBEDDING_HEADERS.inputSize]: "1024x683",
        [EMBEDDING_HEADERS.modelName]: "mobile_sam",
        [EMBEDDING_HEADERS.checkpointSha256]: model.checkpointSha256,
        [EMBEDDING_HEADERS.precision]: "fp32",
      });
    }
    expect(full.body.length).toBe(4 * 256 * 64 * 64);
    expect(half.body.length).toBe(2 * 256 * 64 * 64);
    let worst = 0;
    for (let i = 0; i < 256 * 64 * 64; i += 7) {
      const value = full.body.readFloatLE(4 * i);
      const rounded = halfToNumber(half.body.readUInt16LE(2 * i));
      worst = Math.max(worst, Math.abs(rounded - value) / Math.max(Math.abs(value), 2 ** -14));
    }
    expect(worst).toBeLessThanOrEqual(2 ** -11); // half of the last of a half float's eleven digits
    expect(worst).toBeGreaterThan(0);
  });

  it("is not sent again to who has it, and not encoded again for anybody", async () => {
    const { headers } = await get(paths.embedding(id, "float32"));
    expect((await get(paths.embedding(id, "float32"), { "if-none-match": headers.etag! })).status).toBe(304);
    expectError(await get(`v1/images/${id}/embedding?dtype=int8`), "bad-request");
    expect((await client.image(id)).embedding).toEqual({ state: "ready" });
  });

  it("is announced while it is made, to its end", async () => {
    const { id: fresh } = await client.upload(await paintImage(2, { width: 640, height: 480 }));
    const states: string[] = [];
    for await (const { event, data } of readEvents(`${server.address}/${paths.imageEvents(fresh)}`)) {
      expect(event).toBe("embedding");
      states.push((data as { state: string }).state);
    }
    expect(states.at(-1)).toBe("ready");
    expect(states.length).toBeGreaterThan(1);
    const late: string[] = [];
    for await (const { data } of readEvents(`${server.address}/${paths.imageEvents(fresh)}`))
      late.push((data as { state: string }).state);
    expect(late).toEqual(["ready"]);
  });
});

describe("the decoder's weights", () => {
  it("are those that the model's description names", async () => {
    const { decoder } = modelInfoSchema.parse(JSON.parse((await get(paths.model())).text));
    const answer = await get(decoder.url);
    expect(answer.body.length).toBe(decoder.bytes);
    expect(createHash("sha256").update(answer.body).digest("hex")).toBe(decoder.sha256);
    const header = JSON.parse(answer.body.subarray(8, 8 + Number(answer.body.readBigUInt64LE())).toString());
    const keys = Object.keys(header).filter((key) => key !== "__metadata__");
    expect(keys).toContain("prompt_encoder.pe_layer.positional_encoding_gaussian_matrix");
    expect(keys).toContain("mask_decoder.iou_token.weight");
    expect(keys.filter((key) => key.startsWith("image_encoder."))).toEqual([]);
  });
});

/** Area in pixels and COCO box of a mask, counted from its pixels. */
function measure(segmentation: Rle): { area: number; bbox: number[] } {
  const { width, data } = decodeRle(segmentation);
  let [area, x0, y0, x1, y1] = [0, Infinity, Infinity, -1, -1];
  for (const [i, value] of data.entries()) {
    if (value === 0) continue;
    const [x, y] = [i % width, Math.floor(i / width)];
    [area, x0, y0] = [area + 1, Math.min(x0, x), Math.min(y0, y)];
    [x1, y1] = [Math.max(x1, x), Math.max(y1, y)];
  }
  return { area, bbox: [x0, y0, x1 - x0 + 1, y1 - y0 + 1] };
}

/** A half float by its definition: sign, five bits of exponent, ten of fraction. */
function halfToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = (bits & 1023) / 1024;
  return sign * (exponent === 0 ? 2 ** -14 * fraction : 2 ** (exponent - 15) * (1 + fraction));
}
