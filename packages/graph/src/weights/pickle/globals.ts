import { invalidCheckpoint, unsafeCheckpoint } from "../invalid.js";
import type { TensorDtype } from "../types.js";
import type { PickledGlobal, PickledTensor, PickleValue } from "./values.js";
import { isKind } from "./values.js";

/** The storage classes PyTorch names, and what their elements are. */
const storageDtypes: ReadonlyMap<string, TensorDtype> = new Map([
  ["torch.DoubleStorage", "float64"],
  ["torch.FloatStorage", "float32"],
  ["torch.HalfStorage", "float16"],
  ["torch.BFloat16Storage", "bfloat16"],
  ["torch.LongStorage", "int64"],
  ["torch.IntStorage", "int32"],
  ["torch.ShortStorage", "int16"],
  ["torch.CharStorage", "int8"],
  ["torch.ByteStorage", "uint8"],
  ["torch.BoolStorage", "bool"],
]);

/**
 * Python modules that only a hostile checkpoint names. Nothing would be run anyway; a file that tries is
 * refused as a whole, so that its author's intent is not overlooked.
 */
const hostileModules: ReadonlySet<string> = new Set([
  "_pickle",
  "_posixsubprocess",
  "_thread",
  "asyncio",
  "bdb",
  "cloudpickle",
  "code",
  "codeop",
  "commands",
  "ctypes",
  "dill",
  "http",
  "importlib",
  "marshal",
  "multiprocessing",
  "nt",
  "operator",
  "os",
  "pdb",
  "pickle",
  "pip",
  "posix",
  "profile",
  "pty",
  "requests",
  "runpy",
  "shutil",
  "signal",
  "smtplib",
  "socket",
  "ssl",
  "subprocess",
  "sys",
  "timeit",
  "urllib",
  "webbrowser",
]);

const hostileBuiltins: ReadonlySet<string> = new Set([
  "__import__",
  "apply",
  "breakpoint",
  "compile",
  "delattr",
  "eval",
  "exec",
  "execfile",
  "file",
  "getattr",
  "globals",
  "input",
  "locals",
  "open",
  "setattr",
  "vars",
]);

/** What the classes of a TorchScript program are named by. */
const scriptPrefix = "__torch__.";

/**
 * More dimensions than PyTorch can have; a check of longer lists, repeated for every tensor, could take for
 * ever.
 */
const maxRank = 64;

/**
 * The symbol for a name in the stream.
 *
 * @throws SamError `checkpoint-unsafe` naming it when only an attack would mention it
 */
export function pickledGlobal(module: string, name: string): PickledGlobal {
  const builtin = module === "builtins" || module === "__builtin__";
  const root = module.split(".", 1)[0]!;
  if (builtin ? hostileBuiltins.has(name.split(".", 1)[0]!) : hostileModules.has(root)) {
    throw unsafeCheckpoint(
      `The checkpoint asks its reader to use ${module}.${name}, which no weights need: it tries to run code. ` +
        "Nothing was run. Don't load it in Python either; get the weights from a source you trust.",
    );
  }
  return { kind: "global", name: `${module}.${name}` };
}

/**
 * What calling a global would give, for the handful that PyTorch's state dicts use; everything else becomes
 * opaque. The stream chooses between these cases and can do nothing more (the class of
 * `torch.load(weights_only=True)`).
 */
export function reduceGlobal(callee: PickleValue, args: PickleValue): PickleValue {
  if (isKind(callee, "opaque")) return callee;
  if (!isKind(callee, "global") || !Array.isArray(args))
    throw invalidCheckpoint("The pickle calls what is no name.");
  switch (callee.name) {
    case "collections.OrderedDict":
      // Filled by later opcodes; only Python 2 passed the items, and copying them at every call could take
      // for ever.
      return args.length === 0 ? new Map() : { kind: "opaque", name: callee.name };
    case "torch._utils._rebuild_tensor":
    case "torch._utils._rebuild_tensor_v2":
      return rebuildTensor(args);
    case "torch._utils._rebuild_parameter":
    case "torch._utils._rebuild_parameter_with_state":
    case "torch.Size":
      return args[0] ?? null;
    case "torch._tensor._rebuild_from_type_v2":
      return reduceRebuild(args[0], args[2]);
    default:
      return callee.name.startsWith(scriptPrefix) && args.length === 0
        ? { kind: "module", name: callee.name, attributes: new Map() }
        : { kind: "opaque", name: callee.name };
  }
}

/**
 * The storage behind a persistent id: ("storage", class, key, location, numel[, view]) where view, in the
 * legacy format, is None or (key, offset, size) in elements.
 */
export function loadPersistentStorage(id: PickleValue): PickleValue {
  if (!Array.isArray(id)) throw invalidCheckpoint("The pickle refers to a storage in an unknown way.");
  const [tag, storageClass, key, , numel, view] = id;
  // The legacy format announces the classes of pickled modules this way: ("module", class, file, source
  // code).
  if (tag !== "storage") {
    return {
      kind: "opaque",
      name: isKind(storageClass, "global") ? storageClass.name : "of an unknown persistent id",
    };
  }
  if (!isKind(storageClass, "global")) throw invalidCheckpoint("The pickle has a storage without a class.");
  const dtype = storageDtypes.get(storageClass.name);
  if (!dtype) return { kind: "opaque", name: storageClass.name };
  if (typeof key !== "string" || !isCount(numel))
    throw invalidCheckpoint("The pickle has a storage without a size.");
  if (!Array.isArray(view)) return { kind: "storage", dtype, key, numel, viewOffset: 0, viewNumel: numel };
  const [, viewOffset, viewNumel] = view;
  if (!isCount(viewOffset) || !isCount(viewNumel) || viewOffset + viewNumel > numel) {
    throw invalidCheckpoint(`The pickle has a view outside of storage "${key}".`);
  }
  return { kind: "storage", dtype, key, numel, viewOffset, viewNumel };
}

/**
 * `_rebuild_from_type_v2(func, type, args, state)` calls func(*args); followed one level only, as PyTorch
 * writes it.
 */
function reduceRebuild(callee: PickleValue | undefined, args: PickleValue | undefined): PickleValue {
  if (!isKind(callee, "global") || callee.name === "torch._tensor._rebuild_from_type_v2") {
    return { kind: "opaque", name: "torch._tensor._rebuild_from_type_v2" };
  }
  return reduceGlobal(callee, args ?? null);
}

function rebuildTensor(args: readonly PickleValue[]): PickleValue {
  const [storage, storageOffset, shape, strides] = args;
  if (isKind(storage, "opaque")) return storage;
  const numeric = typeof storageOffset === "number" && isNumberList(shape) && isNumberList(strides);
  if (!isKind(storage, "storage") || !numeric)
    throw invalidCheckpoint("The pickle has a tensor without a shape.");
  const tensor: PickledTensor = { kind: "tensor", storage, storageOffset, shape, strides };
  return tensor;
}

function isNumberList(value: PickleValue | undefined): value is number[] {
  return Array.isArray(value) && value.length <= maxRank && value.every((item) => typeof item === "number");
}

function isCount(value: PickleValue | undefined): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}
