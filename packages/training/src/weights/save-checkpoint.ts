import {
  type ByteSink,
  openStateDict,
  type StateDict,
  type TensorDtype,
  type TensorToWrite,
  type WritableDtype,
  writeSafetensors,
  writeTorchZip,
} from "@segany/graph/weights";
import { createAtomicFile, openFileSource } from "@segany/runtime/files";
import { TrainingError } from "../errors.js";

/** What {@link saveCheckpoint} writes. */
export interface CheckpointToSave {
  /** `.safetensors`, or `.pth` or `.pt` for PyTorch's format. A file there is replaced once this is whole. */
  readonly path: string;
  /** The model that was trained, from whose file everything is taken that training left as it was. */
  readonly base: StateDict;
  /** New values by the base's keys, row-major; they must not change until the file is written. */
  readonly changed: ReadonlyMap<string, Float32Array>;
  /** Texts beside the tensors of a `.safetensors` file, with those of the base. */
  readonly metadata?: StateDict["metadata"];
}

/**
 * Writes a whole model: every tensor of its base, under the same names and in the same order, with the
 * changed ones in place of the old. Weights are float32 whatever the base has; what is no float keeps its
 * type. The file is opened again and compared value by value before it gets its name, so that a failure
 * leaves the file that was there.
 *
 * @throws TrainingError `option-invalid` for another ending, `weights-mismatch` for changed tensors that the
 *   base doesn't have or that have another size, `checkpoint-damaged` if the file doesn't read back equal;
 *   SamError `file-unwritable`, and those of reading the base
 *
 * @example
 * import { encodeSafetensors } from "@segany/graph/weights";
 * import { openCheckpointFile, writeFileAtomic } from "@segany/runtime/files";
 * const tensors = { bias: { shape: [2], data: Float32Array.of(1, 2) } };
 * await writeFileAtomic("base.safetensors", encodeSafetensors(tensors));
 * const base = await openCheckpointFile("base.safetensors");
 * const changed = new Map([["bias", Float32Array.of(5, 6)]]);
 * await saveCheckpoint({ path: "tuned.pth", base, changed });
 * const tuned = await openCheckpointFile("tuned.pth");
 * console.log(await tuned.load("bias")); // Float32Array(2) [ 5, 6 ]
 */
export async function saveCheckpoint({ path, base, changed, metadata }: CheckpointToSave): Promise<void> {
  const write = writerFor(path, { ...base.metadata, ...metadata });
  checkChanged(base, changed);
  const tensors = [...base.tensors].map(
    ([key, { dtype, shape }]): TensorToWrite => ({
      key,
      shape,
      dtype: writtenDtype(dtype),
      values: () => changed.get(key) ?? base.load(key),
    }),
  );
  const file = await createAtomicFile(path);
  try {
    await write(tensors, (bytes) => file.append(bytes));
    await compare(file.temporaryPath, path, tensors);
    await file.finish();
  } finally {
    await file.discard();
  }
}

function writerFor(
  path: string,
  metadata: Readonly<Record<string, string>>,
): (tensors: readonly TensorToWrite[], sink: ByteSink) => Promise<void> {
  if (/\.safetensors$/i.test(path))
    return (tensors, sink) => writeSafetensors(tensors, sink, { ...metadata, format: "pt" }); // as PyTorch's own
  if (/\.pth?$/i.test(path)) return writeTorchZip;
  throw new TrainingError(
    "option-invalid",
    `"${path}" has the ending of no format of weights that is written. Use .safetensors or .pth.`,
  );
}

function checkChanged({ tensors, source }: StateDict, changed: ReadonlyMap<string, Float32Array>): void {
  for (const [key, values] of changed) {
    const shape = tensors.get(key)?.shape;
    if (!shape)
      throw new TrainingError(
        "weights-mismatch",
        `The trained tensor "${key}" isn't in the checkpoint that it was trained from (${source}). Name that checkpoint.`,
      );
    const expected = shape.reduce((product, size) => product * size, 1);
    if (values.length !== expected)
      throw new TrainingError(
        "weights-mismatch",
        `The trained tensor "${key}" has ${values.length} values, in ${source} it has ${expected} (shape [${shape}]). Name the checkpoint that it was trained from.`,
      );
  }
}

function writtenDtype(dtype: TensorDtype): WritableDtype {
  switch (dtype) {
    case "float64":
    case "float16":
    case "bfloat16":
      return "float32";
    default:
      return dtype;
  }
}

/** Opens what was written, and compares every bit with what should be there. */
async function compare(written: string, path: string, tensors: readonly TensorToWrite[]): Promise<void> {
  const damaged = (what: string) =>
    new TrainingError(
      "checkpoint-damaged",
      `The checkpoint for "${path}" doesn't read back as it was written (${what}). Is the disk failing or full? Save it elsewhere.`,
    );
  const state = await openStateDict(await openFileSource(written), { name: path, sha256: "" });
  try {
    const keys = [...state.tensors.keys()];
    if (keys.length !== tensors.length) throw damaged(`${keys.length} of ${tensors.length} tensors`);
    for (const [index, { key, dtype, shape, values }] of tensors.entries()) {
      const found = state.tensors.get(key);
      const isSame = keys[index] === key && found?.dtype === dtype && `${found?.shape}` === `${shape}`;
      if (!isSame || !haveSameBits(await state.load(key), await values())) throw damaged(`"${key}"`);
    }
  } finally {
    await state.close();
  }
}

function haveSameBits(a: Float32Array, b: Float32Array): boolean {
  const bits = (values: Float32Array) => Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  return bits(a).equals(bits(b));
}
