import { SamError } from "@segany/masks";
import type { Value } from "./types.js";

/** The values of one graph by name, and names for those that nobody named. */
export interface ValueTable {
  readonly values: ReadonlyMap<string, Value>;
  /** @throws SamError `graph-invalid` for a name that is in use */
  declare<T extends Value>(value: T): T;
  /** The prefix and a number that no other name from here has. */
  number(prefix: string): string;
}

/** @param graphName for messages */
export function createValueTable(graphName: string): ValueTable {
  const values = new Map<string, Value>();
  let serial = 0;
  return {
    values,
    declare(value) {
      if (values.has(value.name))
        throw new SamError("graph-invalid", `The name ${value.name} is used twice in graph ${graphName}.`);
      values.set(value.name, value);
      return value;
    },
    number: (prefix) => `${prefix}_${serial++}`,
  };
}
