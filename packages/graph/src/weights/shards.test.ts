import { describe, expect, it } from "vitest";
import { type ByteSource, memoryByteSource } from "./byte-source.js";
import { openShardedStateDict } from "./open-state-dict.js";
import { encodeSafetensors } from "./safetensors.js";
import { parseShardIndex } from "./shards.js";

type Numbers = Readonly<Record<string, readonly number[]>>;

const fileOf = (tensors: Numbers) =>
  encodeSafetensors(
    Object.fromEntries(
      Object.entries(tensors).map(([key, values]) => [
        key,
        { shape: [values.length], data: Float32Array.from(values) },
      ]),
    ),
  );

/** The bytes of an index. */
const indexOf = (weightMap: unknown) =>
  new TextEncoder().encode(JSON.stringify({ metadata: { total_size: 1 }, weight_map: weightMap }));

/** Opens files in memory; counts the sources that are closed. */
async function open(weightMap: unknown, files: Readonly<Record<string, Uint8Array>>) {
  const closed: string[] = [];
  const sources = new Map(
    Object.entries(files).map(([name, bytes]): [string, ByteSource] => {
      const source = memoryByteSource(bytes);
      return [name, { ...source, close: async () => void closed.push(name) }];
    }),
  );
  const index = parseShardIndex(indexOf(weightMap));
  const opening = openShardedStateDict(index, sources, { name: "model.index.json", sha256: "ab" });
  return { state: await opening.catch((error: unknown) => error as Error), closed };
}

describe("a checkpoint in several files", () => {
  it("gives the tensors of all, whatever order the index has", async () => {
    const files = {
      "b.safetensors": fileOf({ z: [1, 2], y: [3] }),
      "a.safetensors": fileOf({ x: [4, 5, 6] }),
    };
    const { state, closed } = await open(
      { z: "b.safetensors", x: "a.safetensors", y: "b.safetensors" },
      files,
    );
    if (state instanceof Error) throw state;
    expect(state.sha256).toBe("ab");
    expect([...state.tensors.keys()].sort()).toEqual(["x", "y", "z"]);
    for (const [key, values] of Object.entries({ x: [4, 5, 6], y: [3], z: [1, 2] }))
      expect([...(await state.load(key))], key).toEqual(values);
    await state.close();
    expect(closed.sort()).toEqual(Object.keys(files).sort());
  });

  it.each<[string, unknown, Readonly<Record<string, Numbers>>, string, RegExp]>([
    ["a file is missing", { x: "a", y: "b" }, { a: { x: [1] } }, "checkpoint-invalid", /file b of the index/],
    [
      "a file lacks a tensor of the index",
      { x: "a", y: "a" },
      { a: { x: [1] } },
      "checkpoint-invalid",
      /places the tensor "y" in a, which does not have it/,
    ],
    [
      "a tensor is in two files",
      { x: "a", y: "b" },
      { a: { x: [1] }, b: { x: [2], y: [3] } },
      "checkpoint-invalid",
      /"x" is in a, by the index, and in b too/,
    ],
    [
      "a file has a tensor that the index does not know",
      { x: "a" },
      { a: { x: [1], y: [2] } },
      "checkpoint-invalid",
      /a has the tensor "y", of which the index does not know/,
    ],
  ])("is refused where %s, and closed", async (_, weightMap, files, code, message) => {
    const bytes = Object.fromEntries(Object.entries(files).map(([name, file]) => [name, fileOf(file)]));
    const { state, closed } = await open(weightMap, bytes);
    expect(state).toMatchObject({ code, message: expect.stringMatching(message) });
    expect((state as Error).message).toMatch(/^model\.index\.json: /);
    expect(closed.sort()).toEqual(Object.keys(files).sort());
  });

  it("names the file that is damaged", async () => {
    const { state } = await open({ x: "a", y: "b" }, { a: fileOf({ x: [1] }), b: new Uint8Array(20) });
    expect(state).toMatchObject({
      code: "checkpoint-invalid",
      message: expect.stringMatching(/^model\.index\.json: b: /),
    });
  });

  it("reads no value beyond the file that has it", async () => {
    const whole = fileOf({ x: [1, 2] });
    const cut = whole.slice(0, -4);
    const { state } = await open({ x: "a", y: "b" }, { a: cut, b: fileOf({ y: [3] }) });
    expect(state).toMatchObject({ code: "checkpoint-invalid" });
  });
});

describe("an index", () => {
  it.each([
    ["../other.safetensors"],
    ["/etc/passwd"],
    ["sub/model.safetensors"],
    ["sub\\model.safetensors"],
    ["C:model.safetensors"],
    [".."],
    [""],
    ["a\u0000b"],
  ])("that leads out of its folder is refused: %j", (file) => {
    expect(() => parseShardIndex(indexOf({ x: file }))).toThrow(
      expect.objectContaining({ code: "checkpoint-unsafe" }),
    );
  });

  it.each([
    ["no JSON", new TextEncoder().encode("{")],
    ["no UTF-8", Uint8Array.of(0xff, 0xfe)],
    ["null", new TextEncoder().encode("null")],
    ["without a map", new TextEncoder().encode('{"weights": {}}')],
    ["with a list", indexOf(["a"])],
    ["with numbers", indexOf({ x: 1 })],
    ["of no file", indexOf({})],
    ["of too many files", indexOf(Object.fromEntries(Array.from({ length: 1001 }, (_, i) => [i, `f${i}`])))],
  ])("that is %s is refused", (_, bytes) => {
    expect(() => parseShardIndex(bytes)).toThrow(expect.objectContaining({ code: "checkpoint-invalid" }));
  });
});
