import { describe, expect, it } from "vitest";
import {
  bytesOf,
  encodePickle,
  joinBytes,
  type Picklable,
  pickledCall,
  pickledTensor,
} from "../testing/pickle-writer.js";
import { encodeTorchArchive } from "../testing/write-torch-zip.js";
import { memoryByteSource } from "./byte-source.js";
import { openStateDict } from "./open-state-dict.js";
import type { StateDict } from "./types.js";

const open = (bytes: Uint8Array): Promise<StateDict> =>
  openStateDict(memoryByteSource(bytes), { name: "test.pth", sha256: "ab" });

/** A tensor [2] over its own storage "0" of two float32 values, 1 and 2. */
const weights = pickledTensor({ storageKey: "0", storageNumel: 2, shape: [2], strides: [1] });
const storages = { "0": new Uint8Array(Float32Array.of(1, 2).buffer) };
const archive = (value: Picklable): Uint8Array => encodeTorchArchive(encodePickle(value), storages);
const dict = (items: Record<string, Picklable>): ReadonlyMap<string, Picklable> =>
  new Map(Object.entries(items));

describe("TorchScript programs", () => {
  /** A module as torch.jit.save writes it: NEWOBJ of its class, and its attributes as state. */
  const module = (attributes: Record<string, Picklable>) => ({
    raw: joinBytes([
      bytesOf("c__torch__.net.___torch_mangle_3\nBlock\n)\x81"),
      encodePickle(dict(attributes)).slice(2, -1),
      bytesOf("b"),
    ]),
  });

  it("are read as the tensors of their modules, and nothing of them is run", async () => {
    const state = await open(
      archive(module({ training: false, scale: weights, blocks: module({ "0": module({ w: weights }) }) })),
    );
    expect([...state.tensors.keys()]).toEqual(["scale", "blocks.0.w"]);
    expect([...(await state.load("blocks.0.w"))]).toEqual([1, 2]);
  });

  it("may be in a wrapper, but not among the weights", async () => {
    expect([...(await open(archive(dict({ model: module({ w: weights }) })))).tensors.keys()]).toEqual(["w"]);
    await expect(open(archive(dict({ w: weights, x: module({}) })))).rejects.toMatchObject({
      code: "checkpoint-unsafe",
    });
  });

  it("end where modules are in each other without end, and are refused where they are too deep", async () => {
    // memo 0 is the module whose attribute "self" it is
    const cyclic = {
      raw: joinBytes([
        bytesOf("c__torch__\nM\n)\x81q\x00}(X\x04\0\0\0selfh\x00X\x01\0\0\0w"),
        weights.raw,
        bytesOf("ub"),
      ]),
    };
    expect([...(await open(archive(cyclic))).tensors.keys()]).toEqual(["w"]);
    let deep = module({ w: weights });
    for (let i = 0; i < 100; i++) deep = module({ a: deep });
    await expect(open(archive(deep))).rejects.toMatchObject({ code: "checkpoint-invalid" });
    await expect(open(archive(module({ training: true })))).rejects.toThrow(/no tensors/);
  });

  it("are refused when they ask for a command", async () => {
    const command = pickledCall("posix", "system", ["true"]);
    await expect(open(archive(module({ w: weights, x: command })))).rejects.toMatchObject({
      code: "checkpoint-unsafe",
    });
  });
});
