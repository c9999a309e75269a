import { createHash } from "node:crypto";
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { blobByteSource, openStateDict } from "@segany/graph/weights";
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

describe("files that cannot be read", () => {
  it("are told apart: missing, a folder", async () => {
    await expect(openCheckpointFile(join(folder, "none.pth"))).rejects.toMatchObject({
      code: "checkpoint-not-found",
      message: expect.stringContaining("none.pth"),
    });
    await expect(openCheckpointFile(folder)).rejects.toMatchObject({
      code: "file-unreadable",
      message: /folder/,
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
