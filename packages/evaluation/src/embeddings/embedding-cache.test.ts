import { chmod, readdir, readFile, stat, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ImageEmbedding, ModelIdentity } from "@segany/sam";
import { describe, expect, it } from "vitest";
import { temporaryFolder } from "../testing/synthetic-set.js";
import { openEmbeddingCache } from "./embedding-cache.js";

const model: ModelIdentity = { name: "test", checkpointSha256: "a".repeat(64), precision: "fp32" };

function embedding(value: number, of = model): ImageEmbedding {
  return {
    model: of,
    imageSize: { width: 4, height: 3 },
    inputSize: { width: 1024, height: 768 },
    features: { image_embeddings: { shape: [1, 1, 16, 16], data: new Float32Array(256).fill(value) } },
  };
}

/** Makes a minute pass for files that are there. */
async function growOlder(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const before = new Date((await stat(path)).mtimeMs - 60_000);
    await utimes(path, before, before);
  }
}

describe("openEmbeddingCache", () => {
  it("encodes an image once for each model", async () => {
    await using folder = await temporaryFolder();
    const cache = openEmbeddingCache({ directory: folder.path });
    let encoded = 0;
    const encode =
      (of = model) =>
      async () =>
        embedding(++encoded, of);
    const other = { ...model, checkpointSha256: "b".repeat(64) };
    const coarser = { ...model, precision: "int8" } satisfies ModelIdentity;
    expect((await cache.get(Uint8Array.of(1), model, encode())).features.image_embeddings!.data[0]).toBe(1);
    expect((await cache.get(Uint8Array.of(1), model, encode())).features.image_embeddings!.data[0]).toBe(1);
    expect((await cache.get(Uint8Array.of(2), model, encode())).features.image_embeddings!.data[0]).toBe(2);
    expect((await cache.get(Uint8Array.of(1), other, encode(other))).features.image_embeddings!.data[0]).toBe(
      3,
    );
    expect(
      (await cache.get(Uint8Array.of(1), coarser, encode(coarser))).features.image_embeddings!.data[0],
    ).toBe(4);
    expect(await cache.get(Uint8Array.of(1), model, encode())).toEqual(embedding(1));
  });

  it("makes a damaged file again", async () => {
    await using folder = await temporaryFolder();
    const cache = openEmbeddingCache({ directory: folder.path });
    await cache.get(Uint8Array.of(1), model, async () => embedding(1));
    const [name] = await readdir(folder.path);
    const path = join(folder.path, name!);
    const sound = await readFile(path);
    for (const damaged of [
      sound.subarray(0, 100),
      sound.map((byte, i) => byte ^ +(i === sound.length - 3)),
    ]) {
      await writeFile(path, damaged);
      expect(await cache.get(Uint8Array.of(1), model, async () => embedding(1))).toEqual(embedding(1));
      expect(await readFile(path)).toEqual(sound);
    }
    await writeFile(path, "broken");
    expect(
      (await cache.get(Uint8Array.of(1), model, async () => embedding(5))).features.image_embeddings!.data[0],
    ).toBe(5);
    expect(
      (await cache.get(Uint8Array.of(1), model, async () => embedding(6))).features.image_embeddings!.data[0],
    ).toBe(5);
  });

  it("forgets the least recently used beyond its limit, and leaves other files alone", async () => {
    await using folder = await temporaryFolder();
    await writeFile(join(folder.path, "note.txt"), "mine");
    // Two of about 1.4 kB each.
    const cache = openEmbeddingCache({ directory: folder.path, limitBytes: 3500 });
    for (const image of [1, 2, 3]) {
      await cache.get(Uint8Array.of(image), model, async () => embedding(image));
      await growOlder(folder.path);
    }
    expect(await readdir(folder.path)).toHaveLength(3);
    expect(
      (await cache.get(Uint8Array.of(1), model, async () => embedding(9))).features.image_embeddings!.data[0],
    ).toBe(9);
    expect(
      (await cache.get(Uint8Array.of(3), model, async () => embedding(9))).features.image_embeddings!.data[0],
    ).toBe(3);
  });

  it.skipIf(process.getuid === undefined)("believes nothing that every user can write to", async () => {
    await using folder = await temporaryFolder();
    const cache = openEmbeddingCache({ directory: folder.path });
    await cache.get(Uint8Array.of(1), model, async () => embedding(1));
    await chmod(folder.path, 0o777);
    expect(await cache.get(Uint8Array.of(1), model, async () => embedding(2))).toEqual(embedding(2));
  });

  it("still encodes where nothing can be kept", async () => {
    const cache = openEmbeddingCache({ directory: "/dev/null/nowhere" });
    expect(
      (await cache.get(Uint8Array.of(1), model, async () => embedding(4))).features.image_embeddings!.data[0],
    ).toBe(4);
  });
});
