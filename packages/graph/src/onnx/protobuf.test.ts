import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ProtoWriter } from "./protobuf.js";
import {
  bytesOf,
  floatOf,
  floatsOf,
  integerOf,
  integersOf,
  nestedFields,
  readFields,
  stringOf,
} from "./protobuf-reader.js";

const invalid = expect.objectContaining({ code: "graph-invalid" });
const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString("hex");
const only = (bytes: Uint8Array) => [...readFields(bytes)][0];

describe("ProtoWriter", () => {
  it("writes the examples of the protobuf encoding guide byte for byte", () => {
    expect(hex(new ProtoWriter().varint(1, 150).finish())).toBe("089601");
    expect(hex(new ProtoWriter().string(2, "testing").finish())).toBe("120774657374696e67");
    expect(hex(new ProtoWriter().message(3, (nested) => nested.varint(1, 150)).finish())).toBe("1a03089601");
    expect(hex(new ProtoWriter().packedVarints(6, [3, 270, 86942]).finish())).toBe("3206038e029ea705");
    expect(hex(new ProtoWriter().varint(1, -2).finish())).toBe("08feffffffffffffffff01");
    expect(hex(new ProtoWriter().float(2, 1).double(3, 1).finish())).toBe("150000803f19000000000000f03f");
  });

  it("reports its size before it is finished, and can go on after it", () => {
    const writer = new ProtoWriter().bytes(1, new Uint8Array(1000)).string(2, "x");
    expect(writer.byteLength).toBe(writer.finish().byteLength);
    writer.varint(3, 1);
    expect([...readFields(writer.finish())].map((field) => field.field)).toEqual([1, 2, 3]);
  });

  it("refuses numbers and field numbers that the format cannot hold", () => {
    for (const value of [0.5, 2 ** 60, Number.NaN, 2n ** 64n, -(2n ** 63n) - 1n]) {
      expect(() => new ProtoWriter().varint(1, value)).toThrow(invalid);
    }
    for (const field of [0, -1, 2 ** 29, 1.5])
      expect(() => new ProtoWriter().varint(field, 1)).toThrow(invalid);
  });
});

describe("readFields", () => {
  it("reads back any integer, text and bytes at any depth", () => {
    const integer = fc.oneof(fc.integer(), fc.maxSafeInteger());
    const text = fc.string({ unit: "binary" });
    fc.assert(
      fc.property(
        integer,
        text,
        fc.uint8Array({ maxLength: 300 }),
        fc.nat(20),
        (number, string, bytes, depth) => {
          const write = (writer: ProtoWriter, left: number): void => {
            if (left > 0) writer.message(9, (nested) => write(nested, left - 1));
            else writer.varint(1, number).string(2, string).bytes(536870911, bytes);
          };
          const root = new ProtoWriter();
          write(root, depth);
          let fields = [...readFields(root.finish())];
          for (let i = 0; i < depth; i++) fields = [...nestedFields(fields[0])];
          expect(integerOf(fields[0])).toBe(number);
          expect(stringOf(fields[1])).toBe(string);
          expect(hex(bytesOf(fields[2]))).toBe(hex(bytes));
        },
      ),
    );
  });

  it("keeps all 64 bits of a varint, signed and unsigned", () => {
    for (const value of [0n, 127n, 128n, 2n ** 28n, 2n ** 31n, 2n ** 35n - 1n, 2n ** 63n, 2n ** 64n - 1n]) {
      expect(only(new ProtoWriter().varint(1, value).finish()).value).toBe(value);
    }
    expect(integerOf(only(new ProtoWriter().varint(1, -(2 ** 53) + 1).finish()))).toBe(-(2 ** 53) + 1);
    expect(() => integerOf(only(new ProtoWriter().varint(1, 2n ** 60n).finish()))).toThrow(invalid);
  });

  it("reads repeated numbers packed and unpacked alike", () => {
    const packed = new ProtoWriter().packedVarints(1, [1, -1, 300]).packedFloats(2, [0.5, -2]).finish();
    const [integers, floats] = readFields(packed);
    expect(integersOf(integers)).toEqual([1, -1, 300]);
    expect(floatsOf(floats)).toEqual([0.5, -2]);
    const unpacked = new ProtoWriter().varint(1, -1).float(2, 0.5).finish();
    const [integer, float] = readFields(unpacked);
    expect(integersOf(integer)).toEqual([-1]);
    expect(floatsOf(float)).toEqual([0.5]);
    expect(new ProtoWriter().packedVarints(1, []).packedFloats(2, []).byteLength).toBe(0);
  });

  it("gives byte fields as views into the message", () => {
    const message = new ProtoWriter().bytes(1, new Uint8Array(100)).finish();
    expect(bytesOf(only(message)).buffer).toBe(message.buffer);
  });

  it.each([
    ["a tag without its value", "08"],
    ["a length beyond the end", "0a05ff"],
    ["a length of 2^64 - 1", "0affffffffffffffffff01"],
    ["a varint of eleven bytes", "08ffffffffffffffffffff01"],
    ["a group", "0b0c"],
    ["field number zero", "0001"],
    ["a cut fixed64", "09000000"],
    ["wire type 7", "0f"],
  ])("refuses %s", (_, bytes) => {
    expect(() => [...readFields(Buffer.from(bytes, "hex"))]).toThrow(invalid);
  });

  it("refuses the wrong wire type and broken text", () => {
    const [integer, broken] = readFields(
      new ProtoWriter().varint(1, 1).bytes(2, Uint8Array.of(0xff)).finish(),
    );
    for (const read of [floatOf, floatsOf, bytesOf, stringOf, nestedFields]) {
      expect(() => read(integer)).toThrow(invalid);
    }
    expect(() => integerOf(broken)).toThrow(invalid);
    expect(() => stringOf(broken)).toThrow(invalid);
    expect(() => floatsOf(broken)).toThrow(invalid);
  });

  it("stops at a hundred nested messages", () => {
    let bytes = new Uint8Array();
    for (let i = 0; i < 102; i++) bytes = new ProtoWriter().bytes(1, bytes).finish();
    const descend = (fields: ReturnType<typeof readFields>): void => {
      for (const field of fields) descend(nestedFields(field));
    };
    expect(() => descend(readFields(bytes))).toThrow(invalid);
  });

  it("never reads beyond the bytes it was given, whatever they hold", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          for (const field of readFields(bytes)) {
            if (field.wire === "bytes") expect(field.value.byteLength).toBeLessThan(bytes.byteLength);
          }
        } catch (error) {
          expect(error).toEqual(invalid);
        }
      }),
    );
  });
});
