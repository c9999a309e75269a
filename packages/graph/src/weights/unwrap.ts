import { invalidCheckpoint, unsafeCheckpoint, unsupportedCheckpoint } from "./invalid.js";
import type { OpaqueValue, PickledTensor, PickleValue, ScriptModule } from "./pickle/values.js";
import { isKind } from "./pickle/values.js";
import { tensorsOfModule } from "./script-module.js";

/** Keys under which training code puts the state dict, the most specific first. */
const wrapperKeys = ["model_state", "model_state_dict", "state_dict", "model"] as const;
const maxWrappers = 4;

/** Numbers of NumPy, which training code saves beside weights. They are neither run nor read. */
const numpyValue = /^numpy\._?core\.(?:multiarray|numeric)\.\w+$/;

/**
 * Finds the tensors in what was unpickled: the dictionary under a usual wrapper key, or else the one that has
 * the most tensors, be it the whole or one in it. What lies beside it (optimiser, configuration, unknown
 * classes) is ignored.
 *
 * @throws SamError `checkpoint-unsafe` when an unknown class stands where the weights should,
 *   `checkpoint-unsupported` for tensors of a kind that is not read, `checkpoint-invalid` without tensors
 */
export function unwrapStateDict(value: PickleValue): Map<string, PickledTensor> {
  let current = value;
  for (let level = 0; level < maxWrappers; level++) {
    if (!(current instanceof Map)) break;
    const inner = innerStateDict(current);
    if (inner === undefined) return collectTensors(richest(current));
    current = inner;
  }
  if (isKind(current, "module")) return tensorsOfModule(current);
  if (isKind(current, "opaque")) throw refuseModule(current);
  throw invalidCheckpoint(
    "The checkpoint holds no dictionary of tensors. Save it as torch.save(model.state_dict(), file).",
  );
}

function innerStateDict(map: ReadonlyMap<PickleValue, PickleValue>): PickleValue | undefined {
  for (const key of wrapperKeys) {
    const inner = map.get(key);
    if (inner instanceof Map || isKind(inner, "module") || isKind(inner, "opaque")) return inner;
  }
  return undefined;
}

interface CountedDict {
  readonly path: string;
  readonly map: ReadonlyMap<PickleValue, PickleValue>;
  readonly tensors: number;
}

/** The dictionary with the most tensors. */
function richest(map: ReadonlyMap<PickleValue, PickleValue>): ReadonlyMap<PickleValue, PickleValue> {
  const all = [...candidates(map, "", maxWrappers, new Set())];
  const [best, next] = all.sort((a, b) => b.tensors - a.tensors);
  if (!best || best.tensors === 0 || best.map === map) return map;
  if (next?.tensors === best.tensors)
    throw invalidCheckpoint(
      `The checkpoint holds ${best.tensors} tensors under "${best.path}" and as many under "${next.path}". Save the one that is meant alone.`,
    );
  return best.map;
}

/**
 * A dictionary and those in it that are reached by names; an optimiser's state is kept by numbers.
 *
 * @param seen a forged file may have one in many places
 */
function* candidates(
  map: ReadonlyMap<PickleValue, PickleValue>,
  path: string,
  levels: number,
  seen: Set<unknown>,
): Generator<CountedDict> {
  if (seen.has(map)) return;
  seen.add(map);
  const named = [...map].filter((entry): entry is [string, PickleValue] => typeof entry[0] === "string");
  yield { path, map, tensors: named.filter(([, value]) => isKind(value, "tensor")).length };
  if (levels === 0) return;
  for (const [key, value] of named)
    if (value instanceof Map)
      yield* candidates(value, path === "" ? key : `${path}.${key}`, levels - 1, seen);
}

function collectTensors(map: ReadonlyMap<PickleValue, PickleValue>): Map<string, PickledTensor> {
  const tensors = new Map<string, PickledTensor>();
  for (const [key, value] of map) {
    if (isKind(value, "opaque") || isKind(value, "module")) {
      if (numpyValue.test(value.name)) continue;
      throw refuseValue(key, value);
    }
    if (typeof key === "string" && isKind(value, "tensor")) tensors.set(key, value);
  }
  return tensors;
}

function refuseModule({ name }: OpaqueValue): Error {
  return unsafeCheckpoint(
    `The checkpoint is a whole pickled Python object of class ${name}, not a state dict: reading it would mean running ` +
      "its code. Nothing was run. Use the model's safetensors file, or save model.state_dict() instead of the model.",
  );
}

/** Tensors of kinds PyTorch has and SAM does not (sparse, quantised, complex) are harmless, only not read. */
function refuseValue(key: PickleValue, { name }: OpaqueValue | ScriptModule): Error {
  if (/^torch\.(_utils\._rebuild_\w+|\w+Storage|_tensor\._rebuild_from_type_v2)$/.test(name)) {
    return unsupportedCheckpoint(`The tensor "${keyText(key)}" is of a kind that is not read (${name}).`);
  }
  return unsafeCheckpoint(
    `The checkpoint has a value of the unknown kind ${name} under "${keyText(key)}", among its weights. ` +
      "Nothing was run. A state dict holds tensors only; get the weights from a source you trust.",
  );
}

/** Other keys than text are not written out: a forged one may be nested without end. */
function keyText(key: PickleValue): string {
  return typeof key === "string" ? key : `a ${typeof key}`;
}
