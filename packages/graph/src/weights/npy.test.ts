import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesOf, joinBytes } from "../testing/pickle-writer.js";
import { readNpy, writeNpy } from "./npy.js";

/** A .npy file of version 1.0, its header padded as numpy does. */
function npy(header: string, data: Uint8Array): Uint8Array {
  const text = `${header.padEnd(117)}\n`;
  return joinBytes([
    bytesOf(`\x93NUMPY\x01\x00${String.fromCharCode(text.length)}\x00`),
    bytesOf(text),
    data,
  ]);
}
const header = (descr: string, shape: string, order = "False") =>
  `{'descr': '${descr}', 'fortran_order': ${order}, 'shape': ${shape}, }`;

describe("reading", () => {
  it("reads float32, float16, float64, uint8 and bool arrays", () => {
    const f4 = new Uint8Array(Float32Array.of(1.5, -2).buffer);
    expect(readNpy(npy(header("<f4", "(1, 2)"), f4))).toEqual({
      shape: [1, 2],
      data: Float32Array.of(1.5, -2),
    });
    expect(readNpy(npy(header("<f2", "(1,)"), Uint8Array.of(0, 0x3c))).data).toEqual(Float32Array.of(1));
    expect(readNpy(npy(header("<f8", "()"), new Uint8Array(Float64Array.of(0.5).buffer)))).toEqual({
      shape: [],
      data: Float32Array.of(0.5),
    });
    expect(readNpy(npy(header("|u1", "(3,)"), Uint8Array.of(1, 2, 255))).data).toEqual(
      Uint8Array.of(1, 2, 255),
    );
    expect(readNpy(npy(header("|b1", "(2,)"), Uint8Array.of(1, 0))).data).toEqual(Uint8Array.of(1, 0));
  });

  it("turns column-major arrays to row-major", () => {
    const data = Uint8Array.of(1, 4, 2, 5, 3, 6); // [[1, 2, 3], [4, 5, 6]]
    expect(readNpy(npy(header("|u1", "(2, 3)", "True"), data)).data).toEqual(Uint8Array.of(1, 2, 3, 4, 5, 6));
  });

  const refusals: [what: string, bytes: Uint8Array][] = [
    ["another file", new TextEncoder().encode("not an array at all")],
    ["an empty file", new Uint8Array(0)],
    ["a file that ends in its header", npy(header("<f4", "(1,)"), new Uint8Array(4)).subarray(0, 40)],
    ["too few values", npy(header("<f4", "(2,)"), new Uint8Array(4))],
    ["too many values", npy(header("<f4", "(1,)"), new Uint8Array(8))],
    ["a shape that overflows", npy(header("<f4", `(${"9999999, ".repeat(9)})`), new Uint8Array(4))],
    ["big-endian values", npy(header(">f4", "(1,)"), new Uint8Array(4))],
    ["objects", npy(header("|O", "(1,)"), new Uint8Array(4))],
    ["a negative shape", npy(header("<f4", "(-1,)"), new Uint8Array(4))],
    ["a header that is no dictionary", npy("nothing", new Uint8Array(4))],
  ];
  for (const [what, bytes] of refusals) {
    it(`refuses ${what}`, () => {
      expect(() => readNpy(bytes, "a.npy")).toThrow(
        expect.objectContaining({ code: "file-unreadable", message: expect.stringMatching(/^a\.npy /) }),
      );
    });
  }
});

describe("writing", () => {
  it("writes what numpy.save writes for np.array([1, 2], dtype=np.uint8)", () => {
    const text = "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }".padEnd(117);
    const expected = joinBytes([bytesOf(`\x93NUMPY\x01\x00v\x00${text}\n`), Uint8Array.of(1, 2)]);
    expect(writeNpy({ shape: [2], data: Uint8Array.of(1, 2) })).toEqual(expected);
  });

  it("is read back equal", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(4), { maxLength: 4 }), fc.boolean(), (shape, asBytes) => {
        const count = shape.reduce((a, b) => a * b, 1);
        const values = Array.from({ length: count }, (_, index) => index % 256);
        const data = asBytes ? Uint8Array.from(values) : Float32Array.from(values);
        const bytes = writeNpy({ shape, data });
        expect((bytes.length - data.byteLength) % 64).toBe(0);
        expect(readNpy(bytes)).toEqual({ shape, data });
      }),
    );
  });

  it("refuses a shape that does not fit", () => {
    expect(() => writeNpy({ shape: [3], data: new Float32Array(2) })).toThrow(
      expect.objectContaining({ code: "option-invalid" }),
    );
  });
});
