/** Undo and redo over values that are never changed in place. */

/** Most steps that are kept: a step holds a few hundred kilobytes of logits at most. */
const MAX_STEPS = 200;

export interface History<T> {
  readonly past: readonly Step<T>[];
  readonly present: T;
  readonly future: readonly Step<T>[];
  /** The value before a change that is still under way, such as a drag; absent while there is none. */
  readonly before?: T;
}

/** A value, and what the user did next to it. */
export interface Step<T> {
  readonly value: T;
  /** Name of the command, for "Undo add point". */
  readonly label: string;
  /** Steps of several histories were taken in the order of these numbers, and those of one number at once. */
  readonly at: number;
}

export function startHistory<T>(present: T): History<T> {
  return { past: [], present, future: [] };
}

/** A new value by a command of the user; what was undone before is forgotten. */
export function record<T>(history: History<T>, value: T, label: string, at = 0): History<T> {
  const past = [...history.past, { value: history.present, label, at }].slice(-MAX_STEPS);
  return { ...history, past, present: value, future: [] };
}

/**
 * A better present that is not a step of its own: the model's answer to what was asked, or the middle of a
 * drag.
 */
export function amend<T>(history: History<T>, value: T): History<T> {
  return { ...history, present: value };
}

/**
 * Begins a change of many amendments that becomes one step when it is finished, or none when it is cancelled.
 */
export function begin<T>(history: History<T>): History<T> {
  return { ...history, before: history.present };
}

export function finish<T>(history: History<T>, label: string, at = 0): History<T> {
  const { before, ...rest } = history;
  if (before === undefined || before === rest.present) return rest;
  return record({ ...rest, present: before }, rest.present, label, at);
}

export function cancel<T>(history: History<T>): History<T> {
  const { before, ...rest } = history;
  return before === undefined ? rest : { ...rest, present: before };
}

/** The same change to what is, what was and what undo has put aside. */
export function everyStep<T>(history: History<T>, change: (value: T) => T): History<T> {
  const inStep = (step: Step<T>): Step<T> => ({ ...step, value: change(step.value) });
  return {
    past: history.past.map(inStep),
    present: change(history.present),
    future: history.future.map(inStep),
    ...(history.before !== undefined && { before: change(history.before) }),
  };
}

/** Forgets what was undone. */
export function forgetFuture<T>(history: History<T>): History<T> {
  return history.future.length === 0 ? history : { ...history, future: [] };
}

/** One step back; the same history if there is none. */
export function undo<T>(history: History<T>): History<T> {
  const { past, present, future } = history;
  const step = past.at(-1);
  if (!step) return history;
  return {
    ...history,
    past: past.slice(0, -1),
    present: step.value,
    future: [{ ...step, value: present }, ...future],
  };
}

/** One step forward; the same history if there is none. */
export function redo<T>(history: History<T>): History<T> {
  const { past, present, future } = history;
  const [step, ...rest] = future;
  if (!step) return history;
  return {
    ...history,
    past: [...past, { ...step, value: present }],
    present: step.value,
    future: rest,
  };
}
