import { invalidCheckpoint } from "./invalid.js";
import { isKind, type PickledTensor, type ScriptModule } from "./pickle/values.js";

/** Modules inside modules; the deepest published network has about ten. */
const MAX_DEPTH = 64;

/**
 * The tensors of a TorchScript module and the modules in it, under the names that its state dict has. A
 * module with several names counts under its first.
 *
 * @throws SamError `checkpoint-invalid` when modules are nested more than 64 deep
 */
export function tensorsOfModule(root: ScriptModule): Map<string, PickledTensor> {
  const tensors = new Map<string, PickledTensor>();
  collect(root, [], tensors, new Set());
  return tensors;
}

function collect(
  module: ScriptModule,
  path: readonly string[],
  tensors: Map<string, PickledTensor>,
  seen: Set<ScriptModule>,
): void {
  if (seen.has(module)) return;
  seen.add(module);
  if (path.length > MAX_DEPTH) throw invalidCheckpoint("The checkpoint's modules are nested too deeply.");
  for (const [name, value] of module.attributes) {
    if (typeof name !== "string") continue;
    if (isKind(value, "tensor")) tensors.set([...path, name].join("."), value);
    else if (isKind(value, "module")) collect(value, [...path, name], tensors, seen);
  }
}
