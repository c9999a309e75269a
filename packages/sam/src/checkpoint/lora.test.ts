import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StateDict } from "@segany/graph/weights";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { writeTorchZip } from "../../../graph/src/testing/write-torch-zip.js";
import { openState } from "../files/node-open-state.js";
import { mergeLora } from "./lora.js";

type Values = Readonly<Record<string, readonly [shape: readonly number[], values: readonly number[]]>>;

function stateOf(tensors: Values): StateDict {
  return {
    sha256: "0".repeat(64),
    source: "tuned.pth",
    tensors: new Map(Object.entries(tensors).map(([key, [shape]]) => [key, { dtype: "float32", shape }])),
    load: async (key) => Float32Array.from(tensors[key]![1]),
    close: async () => undefined,
  };
}

// W of 2 x 3, r = 1: W + B A with B = (1, 10), A = (1, 2, 3).
const WEIGHT = [
  [2, 3],
  [100, 200, 300, 400, 500, 600],
] as const;
const DOWN = [
  [1, 3],
  [1, 2, 3],
] as const;
const UP = [
  [2, 1],
  [1, 10],
] as const;
const MERGED = [101, 202, 303, 410, 520, 630];
const BIAS = [[2], [7, 8]] as const;

const NAMES: readonly (readonly [string, Values])[] = [
  [
    "PEFT",
    {
      "m.qkv.base_layer.weight": WEIGHT,
      "m.qkv.base_layer.bias": BIAS,
      "m.qkv.lora_A.default.weight": DOWN,
      "m.qkv.lora_B.default.weight": UP,
    },
  ],
  [
    "older PEFT",
    { "m.qkv.weight": WEIGHT, "m.qkv.bias": BIAS, "m.qkv.lora_A.weight": DOWN, "m.qkv.lora_B.weight": UP },
  ],
  ["loralib", { "m.qkv.weight": WEIGHT, "m.qkv.bias": BIAS, "m.qkv.lora_A": DOWN, "m.qkv.lora_B": UP }],
];

describe("low-rank adapters", () => {
  it.each(NAMES)("are added to their weights, under the names of %s", async (_, tensors) => {
    const other = { "m.proj.weight": WEIGHT };
    const state = mergeLora(stateOf({ ...tensors, ...other }));
    expect([...state.tensors.keys()].sort()).toEqual(["m.proj.weight", "m.qkv.bias", "m.qkv.weight"]);
    expect([...(await state.load("m.qkv.weight"))]).toEqual(MERGED);
    expect([...(await state.load("m.qkv.bias"))]).toEqual([7, 8]);
    expect([...(await state.load("m.proj.weight"))]).toEqual(WEIGHT[1]);
    expect([...(await state.load("m.qkv.weight"))]).toEqual(MERGED); // again
  });

  it("of a higher rank are scaled by alpha over it", async () => {
    const state = mergeLora(
      stateOf({
        "qkv.weight": [
          [2, 2],
          [0, 0, 0, 0],
        ],
        "qkv.lora_A.weight": [
          [2, 2],
          [1, 2, 3, 4],
        ],
        "qkv.lora_B.weight": [
          [2, 2],
          [1, 0, 1, 1],
        ],
        "qkv.alpha": [[], [8]],
      }),
    );
    expect([...(await state.load("qkv.weight"))]).toEqual([4, 8, 16, 24]); // 8 / 2 times ((1, 2), (4, 6))
    expect(state.tensors.has("qkv.alpha")).toBe(false);
  });

  it("change nothing where there are none", () => {
    const state = stateOf({ "qkv.weight": WEIGHT });
    expect(mergeLora(state)).toBe(state);
  });

  it.each<readonly [string, Values, string]>([
    ["half of a pair", { "q.weight": WEIGHT, "q.lora_A.weight": DOWN }, 'only "q.lora_A.weight"'],
    ["no weight", { "q.lora_A.weight": DOWN, "q.lora_B.weight": UP }, 'no "q.weight"'],
    [
      "another rank",
      {
        "q.weight": WEIGHT,
        "q.lora_A": DOWN,
        "q.lora_B": [
          [2, 2],
          [1, 2, 3, 4],
        ],
      },
      "[1,3] and [2,2]",
    ],
    [
      "another width",
      {
        "q.weight": [
          [2, 2],
          [1, 2, 3, 4],
        ],
        "q.lora_A": DOWN,
        "q.lora_B": UP,
      },
      "the weight's [2,2]",
    ],
    ["a vector", { "q.weight": WEIGHT, "q.lora_A": [[3], [1, 2, 3]], "q.lora_B": UP }, "[3] and [2,1]"],
    [
      "two adapters",
      {
        "q.weight": WEIGHT,
        "q.lora_A.first.weight": DOWN,
        "q.lora_B.first.weight": UP,
        "q.lora_A.second.weight": DOWN,
        "q.lora_B.second.weight": UP,
      },
      'two low-rank adapters, "q.lora_A.first.weight" and "q.lora_A.second.weight"',
    ],
  ])("with %s are refused", (_, tensors, text) => {
    expect(() => mergeLora(stateOf(tensors))).toThrow(
      expect.objectContaining({ code: "checkpoint-invalid", message: expect.stringContaining(text) }),
    );
  });
});

describe("a checkpoint file", () => {
  let folder = "";
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "segany-lora-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));

  it("as PEFT saves it opens with merged weights", async () => {
    const prefix = "base_model.model.image_encoder.blocks.0.attn.qkv";
    const checkpoint = join(folder, "tuned.pth");
    const entries = Object.entries(NAMES[0]![1]).map(([key, [shape, values]]) => ({
      key: key.replace("m.qkv", prefix),
      shape,
      values: () => Float32Array.from(values),
    }));
    await writeTorchZip(checkpoint, entries);
    const state = await openState({ checkpoint, cacheDirectory: folder });
    try {
      const key = "image_encoder.blocks.0.attn.qkv.weight";
      expect([...state.tensors.keys()]).toContain(key);
      expect([...(await state.load(key))]).toEqual(MERGED);
    } finally {
      await state.close();
    }
  });
});
