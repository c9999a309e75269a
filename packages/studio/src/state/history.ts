/** Undo and redo over values that are never changed in place. */

/** Most steps that are kept: a step holds a few hundred kilobytes of logits at most. */
const MAX_STEPS = 200;

export interface History<T> {
  readonly past: readonly Step<T>[];
  readonly present: T;
  readonly future: readonly Step<T>[];
}

/** A value, and what the user did next to it. */
export interface Step<T> {
  readonly value: T;
  /** Name of the command, for "Undo add point". */
  readonly label: string;
}

export function startHistory<T>(present: T): History<T> {
  return { past: [], present, future: [] };
}

/** A new value by a command of the user; what was undone before is forgotten. */
export function record<T>({ past, present }: History<T>, value: T, label: string): History<T> {
  return { past: [...past, { value: present, label }].slice(-MAX_STEPS), present: value, future: [] };
}

/** A better present that is not a step of its own: the model's answer to what was asked, or the middle of a drag. */
export function amend<T>(history: History<T>, value: T): History<T> {
  return { ...history, present: value };
}

/** The same change to what is, what was and what undo has put aside. */
export function everyStep<T>({ past, present, future }: History<T>, change: (value: T) => T): History<T> {
  const inStep = (step: Step<T>): Step<T> => ({ ...step, value: change(step.value) });
  return { past: past.map(inStep), present: change(present), future: future.map(inStep) };
}

/** One step back; the same history if there is none. */
export function undo<T>(history: History<T>): History<T> {
  const { past, present, future } = history;
  const step = past.at(-1);
  if (!step) return history;
  return {
    past: past.slice(0, -1),
    present: step.value,
    future: [{ value: present, label: step.label }, ...future],
  };
}

/** One step forward; the same history if there is none. */
export function redo<T>(history: History<T>): History<T> {
  const { past, present, future } = history;
  const [step, ...rest] = future;
  if (!step) return history;
  return { past: [...past, { value: present, label: step.label }], present: step.value, future: rest };
}
