import { invalidCheckpoint } from "../invalid.js";
import type { PickleCursor } from "./cursor.js";
import type { PickleValue } from "./values.js";

/**
 * The pickle machine's memory. No opcode recurses, so nesting in the stream costs heap only, and that is
 * bounded.
 */
export interface PickleMachine {
  readonly cursor: PickleCursor;
  readonly stack: PickleValue[];
  /** Stack heights where a MARK was set. */
  readonly marks: number[];
  readonly memo: Map<number, PickleValue>;
  /** Turns a persistent id into what it stands for (PyTorch: a storage). */
  readonly persistentLoad: (id: PickleValue) => PickleValue;
}

const maxMarkDepth = 1000;

/** Takes the topmost value off the stack. */
export function pop(machine: PickleMachine): PickleValue {
  const floor = machine.marks.at(-1) ?? 0;
  if (machine.stack.length <= floor) throw invalidCheckpoint("The pickle takes a value from an empty stack.");
  return machine.stack.pop()!;
}

/** The topmost value, left where it is. */
export function top(machine: PickleMachine): PickleValue {
  const value = pop(machine);
  machine.stack.push(value);
  return value;
}

/** Sets a mark at the current height of the stack. */
export function mark(machine: PickleMachine): void {
  if (machine.marks.length >= maxMarkDepth) throw invalidCheckpoint("The pickle is nested too deeply.");
  machine.marks.push(machine.stack.length);
}

/** Takes everything above the latest mark, in order, and the mark with it. */
export function popMark(machine: PickleMachine): PickleValue[] {
  const height = machine.marks.pop();
  if (height === undefined) throw invalidCheckpoint("The pickle goes back to a mark it never set.");
  return machine.stack.splice(height);
}

/** Takes `count` values off the stack, in the order they were pushed. */
export function popMany(machine: PickleMachine, count: number): PickleValue[] {
  const values = new Array<PickleValue>(count);
  for (let index = count - 1; index >= 0; index--) values[index] = pop(machine);
  return values;
}

/** What was remembered under this number. */
export function recall(machine: PickleMachine, index: number): PickleValue {
  const value = machine.memo.get(index);
  if (value === undefined)
    throw invalidCheckpoint(`The pickle recalls value ${index}, which it never remembered.`);
  return value;
}
