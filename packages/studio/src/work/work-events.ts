/** What an annotator does for a mask, in the order of time. Pure. */

import type { Draft, PromptPoint } from "../state/document.js";

/** An event as the data engine keeps it: `kind` and its details, in pixels of the image. */
export interface WorkEvent {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly kind: string;
  readonly [detail: string]: unknown;
}

/** What led from one draft to the next. The model's answers are no events: they follow from the prompts. */
export function eventsBetween(before: Draft, after: Draft, at: number): WorkEvent[] {
  return [
    ...pointEvents(before.points, after.points, at),
    ...(before.boxXyxy !== after.boxXyxy ? [boxEvent(after, at)] : []),
    ...(after.painted && before.painted !== after.painted ? [paintEvent(before, after, at)] : []),
    ...(isOtherChoice(before, after) ? [{ at, kind: "choose", mask: after.chosen }] : []),
  ];
}

function pointEvents(before: readonly PromptPoint[], after: readonly PromptPoint[], at: number): WorkEvent[] {
  const known = new Map(before.map((point, index) => [point.id, { point, index }]));
  const left = new Set(after.map(({ id }) => id));
  const removed = before.flatMap(({ id }, index) => (left.has(id) ? [] : [{ at, kind: "remove", index }]));
  const others = after.flatMap(({ id, at: [x, y], label }): WorkEvent[] => {
    const old = known.get(id);
    if (!old) return [{ at, kind: "click", point: [x, y], label }];
    const [oldX, oldY] = old.point.at;
    return oldX === x && oldY === y ? [] : [{ at, kind: "move", index: old.index, point: [x, y] }];
  });
  return [...removed, ...others];
}

function boxEvent({ boxXyxy }: Draft, at: number): WorkEvent {
  return { at, kind: "box", box: boxXyxy && [...boxXyxy] };
}

/** Which pixels changed is among the mask's steps. */
function paintEvent(before: Draft, { painted }: Draft, at: number): WorkEvent {
  const areaBefore = (before.painted ?? before.alternatives?.[before.chosen])?.areaPx ?? 0;
  return { at, kind: painted!.areaPx < areaBefore ? "eraser" : "brush" };
}

function isOtherChoice(before: Draft, after: Draft): boolean {
  const isSameAnswer = before.alternatives !== null && before.alternatives === after.alternatives;
  return isSameAnswer && before.chosen !== after.chosen;
}
