import { describe, expect, it } from "vitest";
import { bytesOf, encodePickle, joinBytes, pickledCall, pickledName } from "../../testing/pickle-writer.js";
import { unpickle } from "./unpickle.js";

const raw = (text: string): Uint8Array => bytesOf(`\x80\x02${text}.`);

describe("plain data", () => {
  it("reads numbers, text, containers and memo as Python writes them", () => {
    // pickle.dumps({"a": [1, -2, 70000, 2**40, 0.5, None, True], "b": (3,)}, protocol=2), read off
    // pickletools
    const bytes = raw(
      "}q\x00(X\x01\x00\x00\x00aq\x01]q\x02(K\x01J\xfe\xff\xff\xffJ\x70\x11\x01\x00\x8a\x06\x00\x00\x00\x00\x00\x01" +
        "G\x3f\xe0\x00\x00\x00\x00\x00\x00N\x88eX\x01\x00\x00\x00bq\x03K\x03\x85q\x04u",
    );
    expect(unpickle(bytes).value).toEqual(
      new Map<string, unknown>([
        ["a", [1, -2, 70_000, 2 ** 40, 0.5, null, true]],
        ["b", [3]],
      ]),
    );
  });

  it("keeps integers beyond 2^53 exact", () => {
    expect(unpickle(raw("\x8a\x08\xff\xff\xff\xff\xff\xff\xff\x7f")).value).toBe(2n ** 63n - 1n);
  });

  it("reads protocol 4: frames, short text, memoize, stack globals", () => {
    const bytes = bytesOf(
      "\x80\x04\x95\x1f\0\0\0\0\0\0\0\x8c\x05torch\x94\x8c\x04Size\x94\x93\x94K\x02K\x03\x86\x94\x85\x94R\x94.",
    );
    expect(unpickle(bytes).value).toEqual([2, 3]);
  });

  it("tells where the next pickle begins", () => {
    const bytes = joinBytes([encodePickle(1), encodePickle("x")]);
    const first = unpickle(bytes);
    expect(unpickle(bytes, first.end)).toMatchObject({ value: "x", end: bytes.length });
  });
});

describe("names and calls", () => {
  it("makes symbols and inert records of unknown ones, whatever is done to them", () => {
    expect(unpickle(encodePickle(pickledName("a.b", "C"))).value).toEqual({ kind: "global", name: "a.b.C" });
    const built = joinBytes([
      bytesOf("\x80\x02"),
      pickledCall("a", "C", [1]).raw,
      bytesOf("}b(K\x01K\x02uK\x01aK\x05\x85R."),
    ]);
    expect(unpickle(built).value).toEqual({ kind: "opaque", name: "a.C" });
  });

  const hostile = [
    ["os", "system"],
    ["posix", "system"],
    ["subprocess", "Popen"],
    ["builtins", "eval"],
    ["builtins", "getattr"],
    ["__builtin__", "__import__"],
    ["importlib.util", "find_spec"],
    ["socket", "socket"],
  ] as const;
  for (const [module, name] of hostile) {
    it(`refuses ${module}.${name} by its name, called or not`, () => {
      const expected = expect.objectContaining({
        code: "checkpoint-unsafe",
        message: expect.stringContaining(`${module}.${name}`),
      });
      expect(() => unpickle(encodePickle(pickledName(module, name)))).toThrow(expected);
      expect(() => unpickle(encodePickle(pickledCall(module, name, ["x"])))).toThrow(expected);
      expect(() => unpickle(raw(`(X\x01\0\0\0xi${module}\n${name}\n`))).toThrow(expected);
      const text = (value: string) => `\x8c${String.fromCharCode(value.length)}${value}`;
      expect(() => unpickle(bytesOf(`\x80\x04${text(module)}${text(name)}\x93.`))).toThrow(expected);
    });
  }
});

describe("broken and hostile streams", () => {
  const broken: [what: string, bytes: Uint8Array][] = [
    ["an empty one", new Uint8Array(0)],
    ["one without an end", bytesOf("\x80\x02K\x01")],
    ["one that ends in a text", raw("X\xff\xff\xff\x7fabc")],
    ["one that claims a text of 2^63 bytes", raw("\x8d\xff\xff\xff\xff\xff\xff\xff\x7fabc")],
    ["an integer of a thousand bytes", raw(`\x8b\xe8\x03\0\0${"\x01".repeat(1000)}`)],
    ["a pop from nothing", raw("0")],
    ["a mark never set", raw("t")],
    ["a pop through a mark", raw("K\x01(0")],
    ["a memo entry never made", raw("h\x05")],
    ["a key without a value", raw("}(K\x01u")],
    ["items set on a number", raw("K\x01K\x01K\x01s")],
    ["something appended to text", raw("X\x01\0\0\0aK\x01a")],
    ["a call of a number", raw("K\x01)R")],
    ["protocol 1", bytesOf("\x80\x01K\x01.")],
    ["an extension code", raw("\x82\x01")],
    ["a protocol 0 integer", raw("I5\n")],
    ["marks nested too deeply", raw("(".repeat(100_000))],
    ["more steps than a checkpoint needs", bytesOf(`\x80\x02${"N0".repeat(600_000)}N.`)],
  ];
  for (const [what, bytes] of broken) {
    it(`refuses ${what}`, () => {
      expect(() => unpickle(bytes)).toThrow(expect.objectContaining({ code: "checkpoint-invalid" }));
    });
  }

  it("survives tuples nested very deeply", () => {
    expect(() => unpickle(raw(`)${"\x85".repeat(900_000)}`))).not.toThrow();
  });
});
