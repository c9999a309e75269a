import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  blobByteSource,
  encodeSafetensors,
  openStateDict,
  type SafetensorsInput,
} from "@segany/graph/weights";
import { hashFile, openCheckpointFile, openFileSource } from "@segany/runtime/files";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { maxDifference } from "../../../graph/src/testing/max-difference.js";
import { writeTorchZip } from "../../../graph/src/testing/write-torch-zip.js";
import type { VitArchitecture } from "../families/sam/architecture.js";
import { inferArchitecture } from "../families/sam/infer-architecture.js";
import { randomCheckpoint, vitHuge } from "../testing/random-checkpoint.js";

const tiny: VitArchitecture = {
  ...vitHuge,
  embedDim: 16,
  depth: 2,
  numHeads: 2,
  mlpDim: 32,
  imageSize: 128,
  globalAttnIndexes: [1],
  windowSize: 3,
};

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "segany-"));
});
afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));

describe("a generated checkpoint", () => {
  it("opens from a file and from a blob with equal tensors and the architecture it was made with", async () => {
    const path = join(folder, "tiny.pth");
    const tensors = randomCheckpoint(tiny);
    await writeTorchZip(path, tensors);
    const bytes = await readFile(path);
    const state = await openCheckpointFile(path);
    const inPage = await openStateDict(blobByteSource(new Blob([bytes])), { name: "tiny.pth", sha256: "" });
    expect(state.sha256).toBe(createHash("sha256").update(bytes).digest("hex"));
    expect(inferArchitecture(state.tensors)).toMatchObject({ name: "vit", architecture: { encoder: tiny } });
    expect([...state.tensors.keys()]).toEqual(tensors.map(({ key }) => key));
    for (const { key, values } of tensors) {
      const expected = values();
      expect(maxDifference(await state.load(key), expected), key).toBe(0);
      expect(maxDifference(await inPage.load(key), expected), key).toBe(0);
    }
    await state.close();
  });
});

describe("a checkpoint in several files", () => {
  const index = "model.safetensors.index.json";
  const shards = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"];

  /** Writes a tiny model into two files with an index; returns its values. */
  async function writeShards(): Promise<Map<string, Float32Array>> {
    const tensors = randomCheckpoint(tiny);
    const parts: Record<string, SafetensorsInput>[] = [{}, {}];
    for (const [i, { key, shape, values }] of tensors.entries())
      parts[i % 2]![key] = { shape, data: values() };
    for (const [i, part] of parts.entries())
      await writeFile(join(folder, shards[i]!), encodeSafetensors(part));
    const map = Object.fromEntries(tensors.map(({ key }, i) => [key, shards[i % 2]]));
    await writeFile(join(folder, index), JSON.stringify({ metadata: {}, weight_map: map }));
    return new Map(tensors.map(({ key, values }) => [key, values()]));
  }

  it("opens by its index and by its folder", async () => {
    const expected = await writeShards();
    await writeFile(join(folder, "config.json"), "{}");
    const hashes = new Set<string>();
    for (const path of [join(folder, index), folder]) {
      const state = await openCheckpointFile(path, { cacheDirectory: join(folder, "cache") });
      hashes.add(state.sha256);
      expect(inferArchitecture(state.tensors)).toMatchObject({
        name: "vit",
        architecture: { encoder: tiny },
      });
      for (const [key, values] of expected) expect(maxDifference(await state.load(key), values), key).toBe(0);
      await state.close();
    }
    const [hash, ...others] = hashes;
    expect([hash, others]).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/), []]);
  });

  it("is not one of its files", async () => {
    await writeShards();
    await expect(openCheckpointFile(join(folder, shards[0]!))).rejects.toMatchObject({
      code: "checkpoint-invalid",
      message: expect.stringMatching(/is one of 2 files .* Name its index/),
    });
  });

  it("has another hash when one of its files is another", async () => {
    await writeShards();
    const before = await openCheckpointFile(folder);
    await before.close();
    const bytes = await readFile(join(folder, shards[1]!));
    bytes[bytes.length - 1]! ^= 1;
    await writeFile(join(folder, shards[1]!), bytes);
    const after = await openCheckpointFile(folder);
    await after.close();
    expect(after.sha256).not.toBe(before.sha256);
  });

  it("is refused where a file is missing, or outside the folder", async () => {
    await writeShards();
    await rm(join(folder, shards[1]!));
    await expect(openCheckpointFile(folder)).rejects.toMatchObject({
      code: "checkpoint-not-found",
      message: expect.stringMatching(/00002-of-00002.+names 2 files/),
    });
    await writeFile(join(folder, index), JSON.stringify({ weight_map: { x: "../secret.safetensors" } }));
    await expect(openCheckpointFile(folder)).rejects.toMatchObject({
      code: "checkpoint-unsafe",
      message: expect.stringContaining(index),
    });
  });
});

describe("a folder of weights", () => {
  it("opens by the only file of weights in it, safetensors first, and names several", async () => {
    const file = encodeSafetensors({ bias: { shape: [1], data: Float32Array.of(1) } });
    await writeFile(join(folder, "model.safetensors"), file);
    await writeFile(join(folder, "pytorch_model.bin"), "not looked at");
    const state = await openCheckpointFile(folder);
    expect([...(await state.load("bias"))]).toEqual([1]);
    await state.close();
    await writeFile(join(folder, "other.safetensors"), file);
    await expect(openCheckpointFile(folder)).rejects.toMatchObject({
      code: "checkpoint-not-found",
      message: expect.stringContaining("(model.safetensors, other.safetensors)"),
    });
  });
});

describe("files that cannot be read", () => {
  it("are told apart: missing, a folder", async () => {
    await expect(openCheckpointFile(join(folder, "none.pth"))).rejects.toMatchObject({
      code: "checkpoint-not-found",
      message: expect.stringContaining("none.pth"),
    });
    await expect(openCheckpointFile(folder)).rejects.toMatchObject({
      code: "checkpoint-not-found",
      message: expect.stringMatching(/has no weights/),
    });
  });

  it("are reported when they shrink while open", async () => {
    const path = join(folder, "a");
    await writeFile(path, "0123456789");
    const source = await openFileSource(path);
    await writeFile(path, "01234");
    await expect(source.read(2, 8)).rejects.toMatchObject({ code: "file-unreadable" });
    expect(new TextDecoder().decode(await source.read(2, 3))).toBe("234");
    await source.close();
  });
});

describe("hashing", () => {
  // printf abc | sha256sum
  const abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

  it("is remembered until the file changes", async () => {
    const path = join(folder, "a");
    const cacheDirectory = join(folder, "cache");
    await writeFile(path, "abc");
    let hashed = 0;
    const options = { cacheDirectory, onProgress: () => void hashed++ };
    expect(await hashFile(path, options)).toBe(abc);
    expect(await hashFile(path, options)).toBe(abc);
    expect(hashed).toBe(1);
    expect(await readdir(cacheDirectory)).toEqual(["hashes.json"]);
    await writeFile(path, "abd");
    await utimes(path, 1, 1);
    expect(await hashFile(path, options)).not.toBe(abc);
    expect(hashed).toBe(2);
  });

  it("goes on without a memory when the cache is damaged or cannot be written", async () => {
    const path = join(folder, "a");
    await writeFile(path, "abc");
    await writeFile(join(folder, "hashes.json"), '{"/x": 5, ');
    expect(await hashFile(path, { cacheDirectory: folder })).toBe(abc);
    expect(JSON.parse(await readFile(join(folder, "hashes.json"), "utf8"))[path]).toMatchObject({
      sha256: abc,
    });
    expect(await hashFile(path, { cacheDirectory: path })).toBe(abc);
  });

  it("stops when cancelled", async () => {
    const path = join(folder, "a");
    await writeFile(path, "abc");
    await expect(hashFile(path, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: "aborted" });
  });
});
