import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readOnnxModel } from "./onnx-reader.js";
import { tensorFloats } from "./onnx-tensor.js";
import { ProtoWriter } from "./protobuf.js";

const invalid = expect.objectContaining({ code: "graph-invalid" });

function model(writeGraph: (graph: ProtoWriter) => void): Uint8Array {
  return new ProtoWriter()
    .varint(1, 8)
    .string(2, "test")
    .message(7, (graph) => writeGraph(graph.string(2, "main")))
    .message(8, (opset) => opset.string(1, "").varint(2, 17))
    .finish();
}

const tensors = (...write: ((tensor: ProtoWriter) => void)[]) => {
  const { initializers } = readOnnxModel(
    model((graph) => {
      for (const one of write) graph.message(5, one);
    }),
  ).graph;
  return [...initializers.values()];
};

const dataOf = (write: (tensor: ProtoWriter) => void) => tensors(write)[0].data;

describe("readOnnxModel", () => {
  it("reads versions, nodes, attributes of every kind, inputs and outputs", () => {
    const attribute =
      (name: string, type: number, write: (value: ProtoWriter) => void) => (node: ProtoWriter) =>
        node.message(5, (value) => write(value.string(1, name).varint(20, type)));
    const bytes = model((graph) => {
      graph.message(1, (node) => {
        node
          .string(1, "x")
          .string(1, "")
          .string(2, "y")
          .string(3, "n")
          .string(4, "Op")
          .string(7, "com.example");
        attribute("zero", 2, () => {})(node);
        attribute("int", 2, (value) => value.varint(3, -1))(node);
        attribute("float", 1, (value) => value.float(2, 0.5))(node);
        attribute("string", 3, (value) => value.string(4, "text"))(node);
        attribute("ints", 7, (value) => value.varint(8, 1).varint(8, 2))(node);
        attribute("floats", 6, (value) => value.packedFloats(7, [1, 2]))(node);
        attribute("strings", 8, (value) => value.string(9, "a").string(9, "b"))(node);
        attribute("graph", 5, (value) => value.message(6, (body) => body.string(2, "inner")))(node);
      });
      graph.message(11, (info) =>
        info
          .string(1, "x")
          .message(2, (type) =>
            type.message(1, (tensor) =>
              tensor
                .varint(1, 1)
                .message(2, (shape) =>
                  shape.message(1, (dim) => dim.string(2, "batch")).message(1, (dim) => dim.varint(1, 3)),
                ),
            ),
          ),
      );
    });
    const { irVersion, producerName, opsets, graph } = readOnnxModel(bytes);
    expect({ irVersion, producerName, opsets }).toEqual({
      irVersion: 8,
      producerName: "test",
      opsets: new Map([["", 17]]),
    });
    expect(graph.inputs).toEqual([{ name: "x", dtype: "float32", dims: ["batch", 3] }]);
    const [node] = graph.nodes;
    expect(node).toMatchObject({
      opType: "Op",
      domain: "com.example",
      name: "n",
      inputs: ["x", ""],
      outputs: ["y"],
    });
    expect(Object.fromEntries([...node.attributes].map(([name, { value }]) => [name, value]))).toEqual({
      zero: 0,
      int: -1,
      float: 0.5,
      string: "text",
      ints: [1, 2],
      floats: [1, 2],
      strings: ["a", "b"],
      graph: { name: "inner", nodes: [], initializers: new Map(), inputs: [], outputs: [] },
    });
  });

  it("reads float32 values alike from raw data, a packed list and an unpacked one", () => {
    const values = Float32Array.of(1, -2.5, 3);
    const start = (name: string) => (tensor: ProtoWriter) => tensor.varint(1, 3).varint(2, 1).string(8, name);
    const read = tensors(
      (tensor) => start("raw")(tensor).bytes(9, new Uint8Array(values.buffer)),
      (tensor) => start("packed")(tensor).packedFloats(4, values),
      (tensor) => {
        start("unpacked")(tensor);
        for (const value of values) tensor.float(4, value);
      },
    );
    expect(read.map((tensor) => tensor.name)).toEqual(["raw", "packed", "unpacked"]);
    expect(read.map(tensorFloats)).toEqual([values, values, values]);
  });

  it("spreads the integer lists to the width of their type", () => {
    const integers = (dataType: number, field: number) => (tensor: ProtoWriter) =>
      tensor.varint(1, 2).varint(2, dataType).packedVarints(field, [1, -2]);
    const hex = (write: (tensor: ProtoWriter) => void) => {
      const data = dataOf(write);
      return data.kind === "bytes" ? Buffer.from(data.bytes).toString("hex") : "";
    };
    expect(hex(integers(7, 7))).toBe("0100000000000000feffffffffffffff");
    expect(hex(integers(6, 5))).toBe("01000000feffffff");
    expect(hex(integers(5, 5))).toBe("0100feff");
    expect(hex(integers(3, 5))).toBe("01fe");
  });

  it("tells where external data lies", () => {
    const data = dataOf((tensor) => {
      tensor.varint(1, 4).varint(2, 1).varint(14, 1);
      for (const [key, value] of Object.entries({ location: "w.bin", offset: "4096", length: "16" })) {
        tensor.message(13, (entry) => entry.string(1, key).string(2, value));
      }
    });
    expect(data).toEqual({
      kind: "external",
      external: { location: "w.bin", offsetBytes: 4096, lengthBytes: 16 },
    });
  });

  it("views tensor data where it lies, also in a Buffer at an odd offset", () => {
    const bytes = model((graph) =>
      graph.message(5, (tensor) =>
        tensor
          .varint(1, 1)
          .varint(2, 1)
          .bytes(9, new Uint8Array(Float32Array.of(7).buffer)),
      ),
    );
    for (let shift = 0; shift < 4; shift++) {
      const file = Buffer.concat([Buffer.alloc(shift), bytes]).subarray(shift);
      const [tensor] = readOnnxModel(file).graph.initializers.values();
      expect(tensor.data.kind === "bytes" && tensor.data.bytes.buffer).toBe(file.buffer);
      expect(tensorFloats(tensor)).toEqual(Float32Array.of(7));
    }
  });

  it.each<[string, (tensor: ProtoWriter) => void]>([
    ["too little data", (tensor) => tensor.varint(1, 2).varint(2, 1).bytes(9, new Uint8Array(4))],
    ["too much data", (tensor) => tensor.varint(2, 1).bytes(9, new Uint8Array(8))],
    [
      "negative dimensions",
      (tensor) => tensor.packedVarints(1, [-1, -1]).varint(2, 1).bytes(9, new Uint8Array(4)),
    ],
    ["text elements", (tensor) => tensor.varint(1, 1).varint(2, 8)],
    ["external data without a place", (tensor) => tensor.varint(1, 1).varint(2, 1).varint(14, 1)],
    ["a float list of integers", (tensor) => tensor.varint(1, 1).varint(2, 1).varint(4, 1)],
  ])("refuses a tensor with %s", (_, write) => {
    expect(() => tensors(write)).toThrow(invalid);
  });

  it("refuses what is no model, and two initialisers of one name", () => {
    expect(() => readOnnxModel(new Uint8Array())).toThrow(invalid);
    expect(() => readOnnxModel(new ProtoWriter().varint(1, 8).finish())).toThrow(invalid);
    const twin = (tensor: ProtoWriter) => tensor.varint(2, 1).string(8, "w").bytes(9, new Uint8Array(4));
    expect(() => tensors(twin, twin)).toThrow(invalid);
  });

  it("answers any damage to a model with an error or another model, never with a crash", () => {
    const sound = model((graph) => {
      graph.message(1, (node) => node.string(1, "w").string(2, "y").string(4, "Relu"));
      graph.message(5, (tensor) =>
        tensor.varint(1, 2).varint(2, 1).string(8, "w").bytes(9, new Uint8Array(8)),
      );
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(sound.length - 1), fc.nat(255)), { minLength: 1 }), (changes) => {
        const damaged = sound.slice();
        for (const [at, byte] of changes) damaged[at] = byte;
        try {
          readOnnxModel(damaged);
        } catch (error) {
          expect(error).toEqual(invalid);
        }
      }),
    );
  });
});
