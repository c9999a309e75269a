import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSafetensorsIndex, type StateDict, type TensorInfo } from "@segany/graph/weights";
import { openCheckpointFile, openFileSource } from "@segany/runtime/files";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { haveSharedFiles, sharedFile } from "../../../../scripts/testing/shared-files.mjs";
import { saveCheckpoint } from "./save-checkpoint.js";

let folder = "";
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "segany-save-"));
});
afterEach(() => rm(folder, { recursive: true }));

/** A checkpoint in memory: weights of three types and a counter. */
function baseOf(load?: StateDict["load"]): StateDict {
  const tensors = new Map<string, TensorInfo>([
    ["z.weight", { dtype: "float32", shape: [2, 2] }],
    ["a.half", { dtype: "float16", shape: [2] }],
    ["m.count", { dtype: "int64", shape: [] }],
    ["b.bias", { dtype: "bfloat16", shape: [1] }],
  ]);
  const values: Record<string, number[]> = {
    "z.weight": [1, 2, 3, 4],
    "a.half": [0.5, -2],
    "m.count": [71],
    "b.bias": [1.5],
  };
  return {
    sha256: "ab",
    source: "base.pth",
    tensors,
    load: load ?? (async (key) => Float32Array.from(values[key]!)),
    close: async () => {},
  };
}

const changed = new Map([["z.weight", Float32Array.of(5, 6, 7, 8)]]);

async function contentOf(path: string) {
  const state = await openCheckpointFile(path);
  const content: [string, string, readonly number[], number[]][] = [];
  for (const [key, { dtype, shape }] of state.tensors)
    content.push([key, dtype, shape, [...(await state.load(key))]]);
  await state.close();
  return content;
}

it("keeps the texts of its base beside the weights, and adds others", async () => {
  const path = join(folder, "a.safetensors");
  const base = { ...baseOf(), metadata: { kept: "a", replaced: "b", format: "other" } };
  await saveCheckpoint({ path, base, changed, metadata: { replaced: "c" } });
  const state = await openCheckpointFile(path);
  expect(state.metadata).toEqual({ kept: "a", replaced: "c", format: "pt" });
  await state.close();
});

describe.each(["a.safetensors", "a.pth", "a.pt", "A.PTH"])("a checkpoint saved as %s", (name) => {
  it("has every tensor of the base, in its order, the changed ones in place of the old", async () => {
    const path = join(folder, name);
    await saveCheckpoint({ path, base: baseOf(), changed });
    expect(await contentOf(path)).toEqual([
      ["z.weight", "float32", [2, 2], [5, 6, 7, 8]],
      ["a.half", "float32", [2], [0.5, -2]],
      ["m.count", "int64", [], [71]],
      ["b.bias", "float32", [1], [1.5]],
    ]);
    expect(await readdir(folder)).toEqual([name]);
  });

  it("leaves the file that was there when it fails", async () => {
    const path = join(folder, name);
    await writeFile(path, "old");
    const gone = baseOf(() => Promise.reject(new Error("gone")));
    await expect(saveCheckpoint({ path, base: gone, changed })).rejects.toThrow("gone");
    let reads = 0;
    const unsteady = baseOf(async (key) =>
      new Float32Array(key === "a.half" ? 2 : 1).fill(key === "a.half" ? reads++ : 1),
    );
    await expect(saveCheckpoint({ path, base: unsteady, changed })).rejects.toMatchObject({
      code: "checkpoint-damaged",
      message: expect.stringContaining('"a.half"'),
    });
    expect(await readFile(path, "utf8")).toBe("old");
    expect(await readdir(folder)).toEqual([name]);
  });
});

it("keeps values that are no numbers, bit for bit", async () => {
  const path = join(folder, "a.pth");
  const words = Uint32Array.of(0x7fc00001, 0xff800000, 0x80000000, 1);
  await saveCheckpoint({
    path,
    base: baseOf(),
    changed: new Map([["z.weight", new Float32Array(words.buffer)]]),
  });
  const state = await openCheckpointFile(path);
  const read = await state.load("z.weight");
  expect([...new Uint32Array(read.buffer, read.byteOffset, 4)]).toEqual([...words]);
  await state.close();
});

it("says in a safetensors file that it is PyTorch's", async () => {
  const path = join(folder, "a.safetensors");
  await saveCheckpoint({ path, base: baseOf(), changed });
  const source = await openFileSource(path);
  expect((await readSafetensorsIndex(source)).metadata).toEqual({ format: "pt" });
  await source.close();
});

it.each<[string, string, ReadonlyMap<string, Float32Array>, string]>([
  ["another ending", "a.onnx", changed, "option-invalid"],
  ["a tensor that the base doesn't have", "a.pth", new Map([["x", new Float32Array(1)]]), "weights-mismatch"],
  ["a tensor of another size", "a.pth", new Map([["a.half", new Float32Array(3)]]), "weights-mismatch"],
])("refuses %s before it writes", async (_, name, values, code) => {
  const base = baseOf(() => Promise.reject(new Error("read")));
  await expect(saveCheckpoint({ path: join(folder, name), base, changed: values })).rejects.toMatchObject({
    code,
  });
  expect(await readdir(folder)).toEqual([]);
});

const bytesOf = (values: Float32Array) => Buffer.from(values.buffer, values.byteOffset, values.byteLength);

const MOBILE_SAM = "fixtures/sam/mobile_sam.pt";
it.skipIf(!haveSharedFiles(MOBILE_SAM))("saves all of MobileSAM as it was in both formats", async () => {
  const base = await openCheckpointFile(sharedFile(MOBILE_SAM));
  for (const name of ["a.pth", "a.safetensors"]) {
    const path = join(folder, name);
    await saveCheckpoint({ path, base, changed: new Map() });
    const saved = await openCheckpointFile(path);
    expect([...saved.tensors].map(([key, { dtype, shape }]) => [key, dtype, shape])).toEqual(
      [...base.tensors].map(([key, { dtype, shape }]) => [key, dtype, shape]),
    );
    for (const key of saved.tensors.keys())
      expect(bytesOf(await saved.load(key)).equals(bytesOf(await base.load(key))), key).toBe(true);
    await saved.close();
  }
  await base.close();
});
