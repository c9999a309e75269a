import type { DatasetError } from "@segany/dataset";
import { printNote } from "../terminal/print.js";

/** What a command left out of data sets, since it can't be used. */
export interface SetAside {
  /** Undefined where the first problem is to end the command. */
  readonly onProblem: ((problem: DatasetError) => void) | undefined;
  /** Each once, however often the data set was gone through. */
  messages(): string[];
  /** Says on standard error what it was. */
  tell(): void;
}

/** As many are printed; `--json` has all. */
const PRINTED = 5;

/** Begins a list; with `strict` nothing is set aside. */
export function createSetAside({ strict = false }: { readonly strict?: boolean | undefined }): SetAside {
  const messages = new Set<string>();
  return {
    onProblem: strict ? undefined : ({ message }) => void messages.add(message),
    messages: () => [...messages],
    tell() {
      for (const message of [...messages].slice(0, PRINTED)) printNote(`  set aside: ${message}`);
      const more = messages.size - PRINTED;
      if (more > 0) printNote(`  set aside: ${more} more (all with --json; each problem with validate)`);
    },
  };
}
