import { invalidCheckpoint } from "../invalid.js";
import { createPickleCursor } from "./cursor.js";
import { loadPersistentStorage } from "./globals.js";
import type { PickleMachine } from "./machine.js";
import { pop } from "./machine.js";
import { opcodes } from "./opcodes.js";
import type { PickledStorage, PickleValue } from "./values.js";
import { isKind } from "./values.js";

/** Largest pickle that is read, in bytes. The index of the largest known checkpoint is below 1 MB. */
export const maxPickleSize = 2 ** 26;

/**
 * Bounds what a small, forged stream can build: one opcode makes at most one value. A tensor takes about
 * forty, and a training checkpoint of the largest SAM has some two thousand tensors.
 */
const maxOpcodes = 1_000_000;

const stop = ".".charCodeAt(0);

/**
 * Reads one pickle without running anything: names are symbols, calls are records, and opcodes outside of the
 * allow-list are refused.
 *
 * @param start offset of the pickle's first byte
 * @returns the value, the offset of the byte after the pickle, and every storage it mentioned, used or not
 * @throws SamError `checkpoint-invalid` when it is no pickle or ends early, `checkpoint-unsafe` when it names
 *   what only an attack would
 */
export function unpickle(
  bytes: Uint8Array,
  start = 0,
): { value: PickleValue; end: number; storages: readonly PickledStorage[] } {
  const storages: PickledStorage[] = [];
  const cursor = createPickleCursor(bytes, start);
  const machine: PickleMachine = {
    cursor,
    stack: [],
    marks: [],
    memo: new Map(),
    persistentLoad(id) {
      const storage = loadPersistentStorage(id);
      if (isKind(storage, "storage")) storages.push(storage);
      return storage;
    },
  };
  for (let count = 0; count < maxOpcodes; count++) {
    const code = cursor.uint8();
    if (code === stop) return { value: pop(machine), end: cursor.position, storages };
    const opcode = opcodes.get(code);
    if (!opcode) {
      throw invalidCheckpoint(
        `The pickle has the opcode 0x${code.toString(16)} at offset ${cursor.position - 1}, which no checkpoint uses.`,
      );
    }
    opcode(machine);
  }
  throw invalidCheckpoint(`The pickle has more than ${maxOpcodes} steps, more than any checkpoint needs.`);
}
