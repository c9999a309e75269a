import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  bytesOf,
  encodePickle,
  type Picklable,
  pickledCall,
  pickledTensor,
} from "../testing/pickle-writer.js";
import { encodeTorchArchive, encodeTorchZip, pickledStateDict } from "../testing/write-torch-zip.js";
import { memoryByteSource } from "./byte-source.js";
import { openStateDict } from "./open-state-dict.js";
import type { StateDict } from "./types.js";

const folder = join(import.meta.dirname, "../../../../fixtures/pickles");
const fixture = (name: string): Uint8Array => readFileSync(join(folder, name));
const open = (bytes: Uint8Array): Promise<StateDict> =>
  openStateDict(memoryByteSource(bytes), { name: "test.pth", sha256: "ab" });

interface Golden {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** A tensor [2] over its own storage "0" of two float32 values, 1 and 2. */
const weights = pickledTensor({ storageKey: "0", storageNumel: 2, shape: [2], strides: [1] });
const storages = { "0": new Uint8Array(Float32Array.of(1, 2).buffer) };
const archive = (value: Picklable): Uint8Array => encodeTorchArchive(encodePickle(value), storages);
const dict = (items: Record<string, Picklable>): ReadonlyMap<string, Picklable> =>
  new Map(Object.entries(items));

describe("files written by PyTorch", () => {
  const goldens: Record<string, Golden> = JSON.parse(fixture("tensors.json").toString());

  for (const name of ["tensors_zip.pth", "tensors_legacy.pth", "nested_model.pth"]) {
    it(`reads all twelve tensors of ${name} as PyTorch prints them`, async () => {
      const state = await open(fixture(name));
      expect([...state.tensors.keys()].sort()).toEqual(Object.keys(goldens).sort());
      for (const [key, { dtype, shape, values }] of Object.entries(goldens)) {
        expect(state.tensors.get(key)).toMatchObject({ dtype, shape });
        expect([...(await state.load(key))], key).toEqual(values.map(Math.fround));
      }
    });
  }

  for (const name of ["evil_zip.pth", "evil_legacy.pth"]) {
    it(`refuses ${name}, which asks for a command to be run, by the command's name`, async () => {
      await expect(open(fixture(name))).rejects.toMatchObject({
        code: "checkpoint-unsafe",
        message: expect.stringContaining("posix.system"),
      });
    });
  }

  for (const name of ["truncated_zip.pth", "garbage.pth"]) {
    it(`refuses ${name} as damaged`, async () => {
      await expect(open(fixture(name))).rejects.toMatchObject({ code: "checkpoint-invalid" });
    });
  }

  it("refuses every file that ends early, wherever it was cut", async () => {
    for (const name of ["tensors_zip.pth", "tensors_legacy.pth"]) {
      const whole = fixture(name);
      for (let size = 0; size < whole.length; size += 7) {
        await expect(open(whole.subarray(0, size)), `${name} ${size}`).rejects.toMatchObject({
          code: "checkpoint-invalid",
        });
      }
    }
  });
});

describe("wrappers", () => {
  it("takes the state dict from under the usual keys, beside unknown classes and settings", async () => {
    for (const wrapper of ["model", "state_dict", "model_state", "model_state_dict"]) {
      const state = await open(
        archive(
          dict({
            init: pickledCall("torch_em.trainer", "DefaultTrainer", ["x", 3]),
            epoch: 3,
            [wrapper]: pickledStateDict(dict({ w: weights })),
          }),
        ),
      );
      expect([...(await state.load("w"))]).toEqual([1, 2]);
    }
  });

  it.each(["net", "sam", "weights", "params", "model_ema", "network_state_dict", "anything"])(
    "takes the dictionary that holds the tensors, under %s, beside numbers and an optimiser's tensors",
    async (wrapper) => {
      const moments = new Map([[0, dict({ exp_avg: weights, step: weights })]]);
      const state = await open(
        archive(
          dict({
            epoch: 3,
            best_loss: weights,
            optimizer: dict({ state: moments }),
            [wrapper]: dict({ "a.w": weights, "b.w": weights }),
          }),
        ),
      );
      expect([...state.tensors.keys()]).toEqual(["a.w", "b.w"]);
    },
  );

  it("takes the one with the most tensors, however deep", async () => {
    const inner = dict({ "a.w": weights, "b.w": weights });
    const checkpoint = dict({ run: dict({ teacher: dict({ "a.w": weights }), student: inner }) });
    expect([...(await open(archive(checkpoint))).tensors.keys()]).toEqual(["a.w", "b.w"]);
  });

  it("refuses two that hold as many, and says where", async () => {
    const both = dict({ student: dict({ w: weights }), teacher: dict({ w: weights }) });
    await expect(open(archive(both))).rejects.toMatchObject({
      code: "checkpoint-invalid",
      message: expect.stringMatching(/"student" and as many under "teacher"/),
    });
  });

  it("leaves NumPy's numbers beside the weights alone", async () => {
    for (const module of ["numpy.core.multiarray", "numpy._core.multiarray"]) {
      const state = await open(archive(dict({ w: weights, score: pickledCall(module, "scalar", ["x"]) })));
      expect([...state.tensors.keys()]).toEqual(["w"]);
    }
  });

  it("follows nested wrappers", async () => {
    const state = await open(archive(dict({ model: dict({ state_dict: dict({ w: weights }) }) })));
    expect([...state.tensors.keys()]).toEqual(["w"]);
  });
});

describe("what is no state dict", () => {
  const refusals: [what: string, value: Picklable, code: string, part: string][] = [
    ["a whole pickled module", pickledCall("slim_sam", "Sam", []), "checkpoint-unsafe", "slim_sam.Sam"],
    ["a module under `model`", dict({ model: pickledCall("a", "B", []) }), "checkpoint-unsafe", "a.B"],
    [
      "an unknown object among the weights",
      dict({ w: weights, x: pickledCall("a", "B", []) }),
      "checkpoint-unsafe",
      "a.B",
    ],
    [
      "a sparse tensor",
      dict({ w: pickledCall("torch._utils", "_rebuild_sparse_tensor", [1]) }),
      "checkpoint-unsupported",
      "_rebuild_sparse_tensor",
    ],
    [
      "a complex tensor",
      dict({
        w: pickledTensor({
          storageKey: "0",
          storageNumel: 1,
          shape: [1],
          strides: [1],
          storageClass: "ComplexFloatStorage",
        }),
      }),
      "checkpoint-unsupported",
      "ComplexFloatStorage",
    ],
    [
      "an unknown object under a key nested without end",
      { raw: bytesOf(`}()${"\x85".repeat(500_000)}ca\nB\n)Ru`) },
      "checkpoint-unsafe",
      "a.B",
    ],
    [
      "a name that a terminal would obey",
      dict({ "\x1b[2J": pickledCall("a", "B", []) }),
      "checkpoint-unsafe",
      "\ufffd[2J",
    ],
    ["a dictionary without tensors", dict({ epoch: 3 }), "checkpoint-invalid", "no tensors"],
    ["a bare number", 5, "checkpoint-invalid", "dictionary"],
  ];
  for (const [what, value, code, part] of refusals) {
    it(`refuses ${what}`, async () => {
      await expect(open(archive(value))).rejects.toMatchObject({
        code,
        message: expect.stringContaining(part),
      });
    });
  }

  const heads: [what: string, bytes: Uint8Array, code: string, part: string][] = [
    ["an empty file", new Uint8Array(0), "checkpoint-invalid", "empty"],
    ["a web page", new TextEncoder().encode("<!DOCTYPE html><html>"), "checkpoint-invalid", "web page"],
    [
      "a Git LFS pointer",
      new TextEncoder().encode("version https://git-lfs.github.com/spec/v1\n"),
      "checkpoint-invalid",
      "LFS",
    ],
    ["a tar archive of PyTorch 0.1", tarHead(), "checkpoint-unsupported", "tar"],
    ["a bare pickle", encodePickle(dict({})), "checkpoint-invalid", "torch.save"],
  ];
  for (const [what, bytes, code, part] of heads) {
    it(`says that it was given ${what}`, async () => {
      await expect(open(bytes)).rejects.toMatchObject({ code, message: expect.stringContaining(part) });
    });
  }
});

describe("tensors that lie about themselves", () => {
  const honest = { storageKey: "0", storageNumel: 2, shape: [2], strides: [1] };
  const lies = [
    { ...honest, shape: [3] },
    { ...honest, storageOffset: 1 },
    { ...honest, strides: [-1] },
    { ...honest, strides: [2 ** 40] },
    { ...honest, shape: [2 ** 40, 0, 2 ** 40], strides: [1, -5, 1] },
    { ...honest, shape: [2 ** 30], strides: [0] },
    { ...honest, shape: [2, 1] },
    { ...honest, storageNumel: 2 ** 40, shape: [2 ** 40] },
    { ...honest, storageKey: "1" },
    { ...honest, storageClass: "DoubleStorage" },
  ];
  for (const lie of lies) {
    it(`refuses ${JSON.stringify(lie)}`, async () => {
      await expect(open(archive(dict({ w: pickledTensor(lie) })))).rejects.toMatchObject({
        code: "checkpoint-invalid",
      });
    });
  }
});

describe("the state dict", () => {
  it("has the names that a key map gives", async () => {
    const source = memoryByteSource(
      encodeTorchZip([{ key: "w", shape: [1], values: () => Float32Array.of(7) }]),
    );
    const renamed = await openStateDict(
      source,
      { name: "test.pth", sha256: "ab" },
      (tensors) => new Map([...tensors].map(([key, tensor]) => [`original.${key}`, tensor])),
    );
    expect([...(await renamed.load("original.w"))]).toEqual([7]);
  });

  it("names a missing key, refuses to load after closing, and closes its source on failure", async () => {
    const state = await open(encodeTorchZip([{ key: "w", shape: [1], values: () => Float32Array.of(7) }]));
    expect([...(await state.load("w"))]).toEqual([7]);
    await expect(state.load("v")).rejects.toMatchObject({ code: "checkpoint-invalid", message: /"v"/ });
    await state.close();
    await expect(state.load("w")).rejects.toMatchObject({ code: "file-unreadable" });
    let closed = false;
    const close = async () => {
      closed = true;
    };
    const source = { ...memoryByteSource(fixture("garbage.pth")), close };
    await expect(openStateDict(source, { name: "g", sha256: "" })).rejects.toThrow(/^g: /);
    expect(closed).toBe(true);
  });
});

function tarHead(): Uint8Array {
  const head = new Uint8Array(512);
  head.set(new TextEncoder().encode("sys_info"));
  head.set(new TextEncoder().encode("ustar"), 257);
  return head;
}
