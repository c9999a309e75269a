/** The changes of one image that wait for the server's confirmation. Pure. */

import { v4 as createUuid } from "uuid";
import type { EngineChange, EngineProvenance } from "../api/engine.js";

/** A change, and whether it was ever sent: then the server may have it, and it must stay as it is. */
export interface Waiting {
  readonly change: EngineChange;
  readonly isSent: boolean;
}

type PutChange = Extract<EngineChange, { kind: "put" }>;

/** What is to become of an object; null: it is deleted. */
export type Wanted = Pick<PutChange, "mask" | "className" | "attributes" | "provenance"> | null;

/**
 * Adds a change of an object behind those that wait. One that was not sent yet is replaced, and its events
 * are kept.
 *
 * @param revision of the object on the server; 0 for a new one
 */
export function addChange(
  waiting: readonly Waiting[],
  annotation: string,
  revision: number,
  wanted: Wanted,
): readonly Waiting[] {
  const own = waiting.filter(({ change }) => change.annotation === annotation);
  const last = own.at(-1);
  const replaced = last && !last.isSent ? last : null;
  const others = waiting.filter((each) => each !== replaced);
  const base = replaced ? replaced.change.base : revision + own.length;
  if (wanted === null && base === 0) return others; // the server never had it
  const change = { change: createUuid(), annotation, base, ...contentOf(wanted, replaced?.change) };
  return [...others, { change, isSent: false }];
}

function contentOf(wanted: Wanted, replaced: EngineChange | undefined) {
  if (wanted === null) return { kind: "delete" } as const;
  const { provenance } = wanted;
  if (replaced?.kind !== "put") return { kind: "put", ...wanted } as const;
  const events = [...(replaced.provenance.events ?? []), ...(provenance.events ?? [])];
  const made = continued(replaced.provenance, provenance);
  return { kind: "put", ...wanted, provenance: { ...made, events } } as const;
}

/** What goes on from a mask that the server never had goes on from that mask's own steps. */
function continued(before: EngineProvenance, { steps, ...after }: EngineProvenance): EngineProvenance {
  if (steps?.[0]?.kind !== "previous") return { ...after, ...(steps && { steps }) };
  const asks = (some: typeof steps) => some.some(({ kind }) => kind === "predict");
  const isOther = before.model?.hash !== after.model?.hash || before.runsOn !== after.runsOn;
  // Steps have one model.
  if (!before.steps || (asks(before.steps) && asks(steps) && isOther)) return after;
  const { model, runsOn } = asks(steps) ? after : before;
  return {
    ...{ ...after, ...(model && { model }), ...(runsOn && { runsOn }) },
    steps: [...before.steps, ...steps.slice(1)],
  };
}

/**
 * What is sent in one request: the first change of each object. A second one is sent once the first is
 * confirmed: where that was in conflict, it must not be stored.
 */
export function nextToSend(waiting: readonly Waiting[]): readonly Waiting[] {
  const seen = new Set<string>();
  return waiting.filter(({ change: { annotation } }) => {
    const isFirst = !seen.has(annotation);
    seen.add(annotation);
    return isFirst;
  });
}
