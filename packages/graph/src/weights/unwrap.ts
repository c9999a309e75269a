import { invalidCheckpoint, unsafeCheckpoint, unsupportedCheckpoint } from "./invalid.js";
import type { OpaqueValue, PickledTensor, PickleValue } from "./pickle/values.js";
import { isKind } from "./pickle/values.js";

/** Keys under which training code puts the state dict, the most specific first. */
const wrapperKeys = ["model_state", "model_state_dict", "state_dict", "model"] as const;
const maxWrappers = 4;

/**
 * Finds the tensors in what was unpickled: the dictionary itself, or the one under a usual wrapper key.
 * What lies beside the wrapper (optimiser, configuration, unknown classes) is ignored.
 *
 * @throws SamError `checkpoint-unsafe` when an unknown class stands where the weights should,
 *   `checkpoint-unsupported` for tensors of a kind that is not read, `checkpoint-invalid` without tensors
 */
export function unwrapStateDict(value: PickleValue): Map<string, PickledTensor> {
  let current = value;
  for (let level = 0; level < maxWrappers; level++) {
    if (!(current instanceof Map)) break;
    const inner = innerStateDict(current);
    if (inner === undefined) return collectTensors(current);
    current = inner;
  }
  if (isKind(current, "opaque")) throw refuseModule(current);
  throw invalidCheckpoint(
    "The checkpoint holds no dictionary of tensors. Save it as torch.save(model.state_dict(), file).",
  );
}

function innerStateDict(map: ReadonlyMap<PickleValue, PickleValue>): PickleValue | undefined {
  for (const key of wrapperKeys) {
    const inner = map.get(key);
    if (inner instanceof Map || isKind(inner, "opaque")) return inner;
  }
  return undefined;
}

function collectTensors(map: ReadonlyMap<PickleValue, PickleValue>): Map<string, PickledTensor> {
  const tensors = new Map<string, PickledTensor>();
  for (const [key, value] of map) {
    if (isKind(value, "opaque")) throw refuseValue(key, value);
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
function refuseValue(key: PickleValue, { name }: OpaqueValue): Error {
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
