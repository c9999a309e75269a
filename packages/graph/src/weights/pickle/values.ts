import type { TensorDtype } from "../types.js";

/**
 * What a pickle can hold here: plain data, and inert records of the few things PyTorch builds. Python's
 * tuples, lists and sets are all arrays, dictionaries of every kind are Maps, bytes are Uint8Arrays.
 */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | PickleValue[]
  | Map<PickleValue, PickleValue>
  | PickledGlobal
  | PickledStorage
  | PickledTensor
  | ScriptModule
  | OpaqueValue;

/** A name the stream mentions. It is never looked up: it is a symbol and nothing else. */
export interface PickledGlobal {
  readonly kind: "global";
  /** Module and name joined by a dot. */
  readonly name: string;
}

/**
 * What an unknown global would have built. Its arguments are dropped, whatever is done to it has no effect.
 */
export interface OpaqueValue {
  readonly kind: "opaque";
  readonly name: string;
}

/** A module of a TorchScript program: the attributes of an object, of which tensors and modules are read. */
export interface ScriptModule {
  readonly kind: "module";
  /** Its class, which is never looked up. */
  readonly name: string;
  readonly attributes: Map<PickleValue, PickleValue>;
}

/** A storage of the file, or a window into one (the legacy format has such windows). */
export interface PickledStorage {
  readonly kind: "storage";
  readonly dtype: TensorDtype;
  readonly key: string;
  /** Elements of the whole storage. */
  readonly numel: number;
  /** First element of the window and its length; the whole storage in the zip format. */
  readonly viewOffset: number;
  readonly viewNumel: number;
}

/** A tensor as a strided window into a storage; numbers as the stream gave them, not yet checked. */
export interface PickledTensor {
  readonly kind: "tensor";
  readonly storage: PickledStorage;
  readonly storageOffset: number;
  readonly shape: readonly number[];
  readonly strides: readonly number[];
}

/** Whether a value is one of the tagged records, and of this kind. */
export function isKind<Kind extends "global" | "module" | "opaque" | "storage" | "tensor">(
  value: PickleValue | undefined,
  kind: Kind,
): value is Extract<PickleValue, { kind: Kind }> {
  return typeof value === "object" && value !== null && "kind" in value && value.kind === kind;
}
