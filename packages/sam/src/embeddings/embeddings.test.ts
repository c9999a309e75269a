import { encodeSafetensors, readNpy, writeNpy } from "@segany/graph/weights";
import { describe, expect, it } from "vitest";
import {
  decodeEmbedding,
  decodeEmbeddingNpy,
  encodeEmbedding,
  encodeEmbeddingNpy,
} from "./embedding-file.js";
import {
  decodeEmbeddingValues,
  describeEmbedding,
  type EmbeddingDtype,
  encodeEmbeddingValues,
} from "./embedding-values.js";
import type { ImageEmbedding } from "./image-embedding.js";
import { cosineSimilarity, poolEmbedding } from "./mask-pooling.js";

const embedding: ImageEmbedding = {
  model: { name: "toy", checkpointSha256: "ab".repeat(32), precision: "int8" },
  imageSize: { width: 64, height: 32 },
  inputSize: { width: 64, height: 32 },
  features: {
    image_embeddings: { shape: [1, 2, 4, 4], data: Float32Array.from({ length: 32 }, (_, i) => i) },
  },
};

/** As of a model with two feature maps. */
const twofold: ImageEmbedding = {
  ...embedding,
  imageSha256: "cd".repeat(32),
  features: {
    ...embedding.features,
    fine: { shape: [1, 1, 8, 8], data: Float32Array.from({ length: 64 }, (_, i) => -i / 4) },
  },
};

/** The embedding with every value changed. */
function mapped(change: (value: number) => number): ImageEmbedding {
  const { shape, data } = embedding.features.image_embeddings!;
  return { ...embedding, features: { image_embeddings: { shape, data: data.map(change) } } };
}

describe("embedding files", () => {
  it.each([
    ["one feature map", embedding, [1, 2, 4, 4]],
    ["two feature maps", twofold, [96]],
  ])("bring %s back, as safetensors and as npy", async (_, each, shape) => {
    const back = await decodeEmbedding(encodeEmbedding(each), "a.safetensors");
    expect(back).toEqual(each);
    expect(Object.keys(back.features)).toEqual(Object.keys(each.features));
    const { npy, json } = encodeEmbeddingNpy(each);
    expect(readNpy(npy).shape).toEqual(shape);
    expect(decodeEmbeddingNpy(npy, json, "a.npy")).toEqual(each);
  });

  it("of earlier versions hold one array, which their metadata do not name", async () => {
    const { features, ...metadata } = JSON.parse(encodeEmbeddingNpy(embedding).json) as {
      features: unknown;
    } & Record<string, string>;
    expect(features).toEqual({ image_embeddings: [1, 2, 4, 4] });
    const map = embedding.features.image_embeddings!;
    const npy = writeNpy(map);
    expect(decodeEmbeddingNpy(npy, JSON.stringify(metadata), "a.npy")).toEqual(embedding);
    const safetensors = encodeSafetensors({ image_embeddings: map }, metadata);
    expect(await decodeEmbedding(safetensors, "a.safetensors")).toEqual(embedding);
  });

  it("whose features do not fit their values are refused", () => {
    const { npy, json } = encodeEmbeddingNpy(twofold);
    const metadata = JSON.parse(json) as Record<string, unknown>;
    for (const features of [
      {},
      [],
      "a",
      1,
      { a: 96 },
      { a: [96] },
      { a: [1, 1, 8, 8] },
      { a: [1, -8, -3, 4] },
    ])
      expect(() => decodeEmbeddingNpy(npy, JSON.stringify({ ...metadata, features }), "odd")).toThrow(
        expect.objectContaining({ code: "embedding-invalid", message: expect.stringContaining("odd") }),
      );
  });

  it("of earlier versions, which say nothing of a precision, are fp32", () => {
    const { npy, json } = encodeEmbeddingNpy(embedding);
    const { precision, ...earlier } = JSON.parse(json) as Record<string, string>;
    expect(precision).toBe("int8");
    expect(decodeEmbeddingNpy(npy, JSON.stringify(earlier), "a.npy").model.precision).toBe("fp32");
    const unknown = JSON.stringify({ ...earlier, precision: "int4" });
    expect(() => decodeEmbeddingNpy(npy, unknown, "a.npy")).toThrow(/precision is int4/);
  });

  it("are refused with their name when they are no embeddings", async () => {
    const invalid = (name: string) =>
      expect.objectContaining({ code: "embedding-invalid", message: expect.stringContaining(name) });
    await expect(decodeEmbedding(new Uint8Array(100), "zeros")).rejects.toEqual(invalid("zeros"));
    await expect(decodeEmbedding(encodeEmbedding(mapped(() => Number.NaN)), "nan")).rejects.toEqual(
      invalid("nan"),
    );
    const { npy } = encodeEmbeddingNpy(embedding);
    for (const json of [
      "{}",
      "not json",
      JSON.stringify({
        model: "x",
        checkpoint_sha256: "y",
        image_width: "-1",
        image_height: "2",
        input_width: "1",
        input_height: "1",
      }),
    ]) {
      expect(() => decodeEmbeddingNpy(npy, json, "bare")).toThrow(invalid("bare"));
    }
  });
});

describe("pooling an embedding over a mask", () => {
  const mask = (inside: (x: number, y: number) => boolean) => ({
    width: 64,
    height: 32,
    data: Uint8Array.from({ length: 64 * 32 }, (_, i) => (inside(i % 64, Math.floor(i / 64)) ? 1 : 0)),
  });

  it("gives the cell's own vector, length one, for a mask within one cell", () => {
    const pooled = poolEmbedding(
      embedding,
      mask((x, y) => x >= 16 && x < 32 && y < 16),
    ); // cell (1, 0): 1 and 17
    expect([...pooled].map((value) => value * Math.hypot(1, 17))).toEqual([
      expect.closeTo(1, 4),
      expect.closeTo(17, 4),
    ]);
  });

  it("weights cells by how much of them is covered", () => {
    // 16 x 16 pixels of cell (0, 0): 0 and 16; 8 x 16 of cell (1, 0): 1 and 17
    const pooled = poolEmbedding(
      embedding,
      mask((x, y) => x < 24 && y < 16),
    );
    const expected = [256 * 0 + 128 * 1, 256 * 16 + 128 * 17];
    expect(cosineSimilarity(pooled, Float32Array.from(expected))).toBeCloseTo(1, 6);
  });

  it("is all zero for an empty mask, and refuses one of another size", () => {
    expect([
      ...poolEmbedding(
        embedding,
        mask(() => false),
      ),
    ]).toEqual([0, 0]);
    expect(() => poolEmbedding(embedding, { width: 1, height: 1, data: new Uint8Array(1) })).toThrow(
      expect.objectContaining({ code: "mask-invalid" }),
    );
  });
});

describe("embeddings as bare values", () => {
  const bytesOf = (each: ImageEmbedding, dtype: EmbeddingDtype) =>
    encodeEmbeddingValues(each, dtype) as Uint8Array<ArrayBuffer>;

  it.each([
    ["one feature map", embedding],
    ["two feature maps", twofold],
  ])("with %s come back exactly in float32", (_, each) => {
    const description = describeEmbedding(each, "float32");
    expect(JSON.parse(JSON.stringify(description))).toEqual(description);
    expect(decodeEmbeddingValues(bytesOf(each, "float32"), description)).toEqual(each);
  });

  it("of one feature map are not copied", () => {
    const bytes = encodeEmbeddingValues(embedding, "float32");
    expect(bytes.buffer).toBe(embedding.features.image_embeddings!.data.buffer);
  });

  it("come back to eleven bits in float16", () => {
    const fine = mapped((value) => value + 0.1);
    const half = bytesOf(fine, "float16");
    expect(half.byteLength).toBe(64);
    const { features } = decodeEmbeddingValues(half, describeEmbedding(fine, "float16"));
    const before = fine.features.image_embeddings!.data;
    for (const [i, value] of features.image_embeddings!.data.entries()) {
      expect(Math.abs(value - before[i]!)).toBeLessThanOrEqual(before[i]! * 2 ** -11);
    }
  });

  it("are refused when they do not fit what is said of them", () => {
    const invalid = (message: RegExp) =>
      expect.objectContaining({ code: "embedding-invalid", message: expect.stringMatching(message) });
    const read = (bytes: Uint8Array<ArrayBuffer>, shape: number[]) => () =>
      decodeEmbeddingValues(bytes, {
        ...describeEmbedding(embedding, "float32"),
        features: { image_embeddings: shape },
      });
    expect(read(new Uint8Array(127), [1, 2, 4, 4])).toThrow(invalid(/128 bytes, not 127/));
    expect(read(new Uint8Array(128), [2, 4, 4])).toThrow(
      invalid(/shape of "image_embeddings" is \[2, 4, 4\]/),
    );
    expect(read(new Uint8Array(128).fill(0xff), [1, 2, 4, 4])).toThrow(invalid(/not finite/));
  });
});
