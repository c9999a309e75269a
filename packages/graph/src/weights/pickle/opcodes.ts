import { invalidCheckpoint } from "../invalid.js";
import { pickledGlobal, reduceGlobal } from "./globals.js";
import type { PickleMachine } from "./machine.js";
import { mark, pop, popMany, popMark, recall, top } from "./machine.js";
import type { PickleValue } from "./values.js";
import { isKind } from "./values.js";

type Opcode = (machine: PickleMachine) => void;

/** 256 bits: file magic and the state of random generators are the longest there are. */
const maxIntegerBytes = 32;

/** Opcodes that push a constant or a literal read from the stream. */
const literals: Record<string, Opcode> = {
  N: push(() => null),
  "\x88": push(() => true),
  "\x89": push(() => false),
  K: push(({ cursor }) => cursor.uint8()),
  M: push(({ cursor }) => cursor.uint16()),
  J: push(({ cursor }) => cursor.int32()),
  "\x8a": push(({ cursor }) => littleEndianInteger(cursor.take(cursor.uint8()))),
  "\x8b": push(({ cursor }) => littleEndianInteger(cursor.take(cursor.uint32()))),
  G: push(({ cursor }) => cursor.float64()),
  U: push(({ cursor }) => cursor.text(cursor.uint8())),
  T: push(({ cursor }) => cursor.text(cursor.uint32())),
  "\x8c": push(({ cursor }) => cursor.text(cursor.uint8())),
  X: push(({ cursor }) => cursor.text(cursor.uint32())),
  "\x8d": push(({ cursor }) => cursor.text(cursor.uint64())),
  C: push(({ cursor }) => cursor.take(cursor.uint8())),
  B: push(({ cursor }) => cursor.take(cursor.uint32())),
  "\x8e": push(({ cursor }) => cursor.take(cursor.uint64())),
  "\x96": push(({ cursor }) => cursor.take(cursor.uint64())),
};

/** Opcodes that make containers and fill them. */
const containers: Record<string, Opcode> = {
  "(": mark,
  ")": push(() => []),
  "]": push(() => []),
  "}": push(() => new Map()),
  "\x8f": push(() => []),
  t: push(popMark),
  l: push(popMark),
  "\x91": push(popMark),
  "\x85": push((machine) => popMany(machine, 1)),
  "\x86": push((machine) => popMany(machine, 2)),
  "\x87": push((machine) => popMany(machine, 3)),
  d: push((machine) => setItems(new Map(), popMark(machine))),
  a: (machine) => appendItems(machine, popMany(machine, 1)),
  e: (machine) => appendItems(machine, popMark(machine)),
  "\x90": (machine) => appendItems(machine, popMark(machine)),
  s: (machine) => fillTop(machine, popMany(machine, 2)),
  u: (machine) => fillTop(machine, popMark(machine)),
};

/** Opcodes that move values between stack and memo. */
const memory: Record<string, Opcode> = {
  "0": pop,
  "1": popMark,
  "2": push(top),
  q: (machine) => machine.memo.set(machine.cursor.uint8(), top(machine)),
  r: (machine) => machine.memo.set(machine.cursor.uint32(), top(machine)),
  "\x94": (machine) => machine.memo.set(machine.memo.size, top(machine)),
  h: push((machine) => recall(machine, machine.cursor.uint8())),
  j: push((machine) => recall(machine, machine.cursor.uint32())),
  "\x80": ({ cursor }) => checkProtocol(cursor.uint8()),
  "\x95": ({ cursor }) => cursor.uint64(),
};

/** Opcodes by which Python would look names up and call them; here they only make symbols and records. */
const objects: Record<string, Opcode> = {
  c: push(({ cursor }) => pickledGlobal(cursor.line(), cursor.line())),
  "\x93": push((machine) => {
    const [module, name] = popMany(machine, 2);
    if (typeof module === "string" && typeof name === "string") return pickledGlobal(module, name);
    throw invalidCheckpoint("The pickle has a global whose name is no text.");
  }),
  R: push((machine) => reduceTop(machine)),
  "\x81": push((machine) => reduceTop(machine)),
  "\x92": push((machine) => {
    pop(machine); // keyword arguments: only opaque classes take any
    return reduceTop(machine);
  }),
  i: push((machine) => {
    const callee = pickledGlobal(machine.cursor.line(), machine.cursor.line());
    return reduceGlobal(callee, popMark(machine));
  }),
  o: push((machine) => {
    const [callee, ...args] = popMark(machine);
    return reduceGlobal(callee ?? null, args);
  }),
  b: (machine) => setState(machine, pop(machine)),
  Q: push((machine) => machine.persistentLoad(pop(machine))),
};

/**
 * The opcodes of protocols 2 to 5 that a checkpoint may use, by code. The rest (text forms, extension
 * registry, buffers) is refused.
 */
export const opcodes: ReadonlyMap<number, Opcode> = new Map(
  Object.entries({ ...literals, ...containers, ...memory, ...objects }).map(([char, run]) => [
    char.charCodeAt(0),
    run,
  ]),
);

function push(make: (machine: PickleMachine) => PickleValue): Opcode {
  return (machine) => {
    machine.stack.push(make(machine));
  };
}

function checkProtocol(protocol: number): void {
  if (protocol < 2 || protocol > 5)
    throw invalidCheckpoint(`The pickle has protocol ${protocol}; 2 to 5 are read.`);
}

/** Two's complement of any length; a bigint where a number would not be exact. */
function littleEndianInteger(bytes: Uint8Array): number | bigint {
  if (bytes.length > maxIntegerBytes)
    throw invalidCheckpoint(`The pickle has an integer of ${bytes.length} bytes.`);
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!);
  value = BigInt.asIntN(bytes.length * 8, value);
  return Number.isSafeInteger(Number(value)) ? Number(value) : value;
}

function reduceTop(machine: PickleMachine): PickleValue {
  const [callee, args] = popMany(machine, 2);
  return reduceGlobal(callee!, args!);
}

function setItems(map: Map<PickleValue, PickleValue>, items: readonly PickleValue[]): typeof map {
  if (items.length % 2 !== 0) throw invalidCheckpoint("The pickle has a dictionary key without a value.");
  for (let i = 0; i < items.length; i += 2) map.set(items[i]!, items[i + 1]!);
  return map;
}

function fillTop(machine: PickleMachine, items: readonly PickleValue[]): void {
  const target = top(machine);
  if (target instanceof Map) setItems(target, items);
  else if (!isKind(target, "opaque"))
    throw invalidCheckpoint("The pickle sets items of what is no dictionary.");
}

/**
 * An object's state. That of a TorchScript module are its attributes; of others (a state dict's `_metadata`,
 * a parameter's flags) nothing is needed.
 */
function setState(machine: PickleMachine, state: PickleValue): void {
  const target = top(machine);
  if (isKind(target, "module") && state instanceof Map)
    for (const [key, value] of state) target.attributes.set(key, value);
}

function appendItems(machine: PickleMachine, items: readonly PickleValue[]): void {
  const target = top(machine);
  if (Array.isArray(target)) for (const item of items) target.push(item);
  else if (!isKind(target, "opaque")) throw invalidCheckpoint("The pickle appends to what is no list.");
}
