import { EMBEDDING_HEADERS } from "@segany/server/contract";
import { describe, expect, it } from "vitest";
import { readEmbedding } from "./embedding.js";

const VALUES = Float32Array.of(1, -2, 0.5, 4);
const BYTES = new Uint8Array(VALUES.buffer);

/**
 * An answer of two feature maps of two numbers each in pieces of three bytes, its headers changed as wished.
 */
function answerOf(
  changes: Partial<Record<keyof typeof EMBEDDING_HEADERS, string>> = {},
  bytes = BYTES,
): Response {
  const values = {
    features: "low=1,1,1,2; high=1,2,1,1",
    imageSize: "800x600",
    inputSize: "1024x768",
    modelName: "mobile_sam",
    checkpointSha256: "abc",
    precision: "fp32",
    dtype: "float32",
    ...changes,
  };
  const headers = Object.entries(values).map(
    ([name, value]) => [EMBEDDING_HEADERS[name as keyof typeof values], value] as [string, string],
  );
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let i = 0; i < bytes.length; i += 3) controller.enqueue(bytes.slice(i, i + 3));
      controller.close();
    },
  });
  return new Response(body, { headers });
}

const ignore = () => undefined;

describe("an embedding from the server", () => {
  it("is put together from its pieces, and tells how much of it is there", async () => {
    const seen: [number, number][] = [];
    const embedding = await readEmbedding(answerOf(), (done, total) => seen.push([done, total]));
    expect(embedding).toEqual({
      model: { name: "mobile_sam", checkpointSha256: "abc", precision: "fp32" },
      imageSize: { width: 800, height: 600 },
      inputSize: { width: 1024, height: 768 },
      features: {
        low: { shape: [1, 1, 1, 2], data: VALUES.slice(0, 2) },
        high: { shape: [1, 2, 1, 1], data: VALUES.slice(2) },
      },
    });
    expect(seen.map(([done]) => done)).toEqual([3, 6, 9, 12, 15, 16]);
    expect(new Set(seen.map(([, total]) => total))).toEqual(new Set([16]));
  });

  it("may be of half floats", async () => {
    const half = new Uint8Array(Uint16Array.of(0x3c00, 0xc000, 0x3800, 0x4400).buffer);
    const { features } = await readEmbedding(answerOf({ dtype: "float16" }, half), ignore);
    expect([...features.low!.data, ...features.high!.data]).toEqual([...VALUES]);
  });

  it("has no precision where the server says none that is known", async () => {
    expect((await readEmbedding(answerOf({ precision: "" }), ignore)).model).toEqual({
      name: "mobile_sam",
      checkpointSha256: "abc",
    });
  });

  it.each([
    ["too short", answerOf({}, BYTES.slice(0, 15)), /15 bytes instead of 16/],
    ["too long", answerOf({}, new Uint8Array(20)), /more than 16 bytes/],
    ["without a shape", answerOf({ features: "" }), /no feature maps/],
    ["of a shape that is none", answerOf({ features: "low=1,x,2" }), /no feature maps/],
    ["of a shape below nothing", answerOf({ features: "low=-1,2,2" }), /no feature maps/],
    ["of no image size", answerOf({ imageSize: "800" }), /size "800"/],
    ["of an empty input", answerOf({ inputSize: "0x768" }), /size "0x768"/],
    ["of half floats in twice the bytes", answerOf({ dtype: "float16" }), /more than 8 bytes/],
    ["of half as many bytes as floats take", answerOf({}, BYTES.slice(0, 8)), /8 bytes instead of 16/],
    ["of an unknown type", answerOf({ dtype: "int8" }), /type "int8"/],
    ["without a type", answerOf({ dtype: "" }), /type ""/],
    [
      "without a body",
      new Response(null, { headers: { [EMBEDDING_HEADERS.dtype]: "float16" } }),
      /no feature maps/,
    ],
  ])("%s is refused", async (_, answer, complaint) => {
    await expect(readEmbedding(answer, ignore)).rejects.toMatchObject({
      code: "answer-invalid",
      message: expect.stringMatching(complaint),
    });
  });
});
