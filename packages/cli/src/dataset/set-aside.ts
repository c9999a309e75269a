import type { DatasetError } from "@segany/dataset";
import { printNote } from "../terminal/print.js";

/** Collects what a command skips because it can't be used. */
export interface SetAside {
  /** Callback for a problem; undefined if the first problem ends the command. */
  readonly onProblem: ((problem: DatasetError) => void) | undefined;
  /** Each message once, however often the data set was read. */
  messages(): string[];
  /** Prints the messages on standard error. */
  tell(): void;
}

/** Number of printed messages; `--json` has all. */
const PRINTED = 5;

/** Creates the collection; with `strict` nothing is skipped. */
export function createSetAside({ strict = false }: { readonly strict?: boolean | undefined }): SetAside {
  const messages = new Set<string>();
  return {
    onProblem: strict ? undefined : ({ message }) => void messages.add(message),
    messages: () => [...messages],
    tell() {
      for (const message of [...messages].slice(0, PRINTED)) printNote(`  skipped: ${message}`);
      const more = messages.size - PRINTED;
      if (more > 0) printNote(`  skipped: ${more} more (all with --json; see also segany dataset validate)`);
    },
  };
}
