/** A known extent, or the name of one that is fixed when the graph runs ("B" prompts, "7*B", …). */
export type Dim = number | string;

/** Element types that the graphs use. */
export type GraphDtype = "float32" | "float16" | "int64" | "int32" | "uint8" | "int8" | "bool";

/** A tensor in the graph: an edge between nodes, an input, or an initialiser. */
export interface Value {
  readonly name: string;
  readonly dtype: GraphDtype;
  readonly shape: readonly Dim[];
}

/** A node attribute; integers and floats are told apart because ONNX does. */
export type Attribute =
  | { readonly kind: "int"; readonly value: number }
  | { readonly kind: "float"; readonly value: number }
  | { readonly kind: "string"; readonly value: string }
  | { readonly kind: "ints"; readonly value: readonly number[] };

/** One operation. An empty input name is an optional input left out. */
export interface GraphNode {
  readonly name: string;
  readonly opType: string;
  /** "" is the standard operator set; others (com.microsoft) only appear in fast lowerings. */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** Values of an initialiser in the layout of its dtype, row-major. */
export type TensorData = Float32Array | Uint16Array | BigInt64Array | Int32Array | Uint8Array | Int8Array;

/** Reads tensors of the checkpoint while a graph is written. */
export type WeightLoader = (key: string) => Promise<Float32Array>;

/**
 * Where an initialiser's values come from. Nothing is read while a graph is built: `weight` is a checkpoint's
 * tensor as it stands, `computed` is made out of checkpoint tensors when the graph is written.
 */
export type InitializerSource =
  | { readonly kind: "inline"; readonly data: TensorData }
  | { readonly kind: "weight"; readonly key: string }
  | { readonly kind: "computed"; readonly compute: (load: WeightLoader) => Promise<TensorData> };

/** A constant of the graph. */
export interface Initializer extends Value {
  readonly shape: readonly number[];
  readonly source: InitializerSource;
}

/** A whole graph, ready to be written as an ONNX model. */
export interface Graph {
  readonly name: string;
  readonly opset: number;
  readonly inputs: readonly Value[];
  readonly outputs: readonly Value[];
  readonly nodes: readonly GraphNode[];
  readonly initializers: readonly Initializer[];
  /** Shapes of every value, by name: for counting work and for messages. */
  readonly values: ReadonlyMap<string, Value>;
}
