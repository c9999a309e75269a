import { createReadLossCounter, type DatasetError, type OnReadLoss, type ReadLoss } from "@segany/dataset";
import { printNote } from "../terminal/print.js";

/** Collects what a command skips because it can't be used. */
export interface SetAside {
  /** Callback for a problem; undefined if the first problem ends the command. */
  readonly onProblem: ((problem: DatasetError) => void) | undefined;
  /** Each message once, however often the data set was read. */
  messages(): string[];
  /**
   * Begins counting what a pass leaves out. Of several passes over one data set, the one with most counts.
   *
   * @param path of the data set; without, what is left out when it is opened
   */
  beginPass(path?: string): OnReadLoss;
  /** What was left out, most frequent first. */
  losses(): ReadLoss[];
  /** Prints the messages on standard error. */
  tell(): void;
}

/** Number of printed messages; `--json` has all. */
const PRINTED = 5;

/** Creates the collection; with `strict` nothing is skipped. */
export function createSetAside({ strict = false }: { readonly strict?: boolean | undefined }): SetAside {
  const messages = new Set<string>();
  const passes: {
    readonly path: string | undefined;
    readonly counter: ReturnType<typeof createReadLossCounter>;
  }[] = [];
  const losses = (): ReadLoss[] =>
    mostOf(passes.map(({ path, counter }) => ({ path, losses: counter.list() })));
  return {
    beginPass(path) {
      const counter = createReadLossCounter();
      passes.push({ path, counter });
      return counter.onLoss;
    },
    losses,
    onProblem: strict ? undefined : ({ message }) => void messages.add(message),
    messages: () => [...messages],
    tell() {
      for (const message of [...messages].slice(0, PRINTED)) printNote(`  skipped: ${message}`);
      const more = messages.size - PRINTED;
      if (more > 0) printNote(`  skipped: ${more} more (all with --json; see also segany dataset validate)`);
      for (const { what, count, places } of losses())
        printNote(`  not read: ${what} (${count}), such as ${places.slice(0, 2).join("; ")}`);
    },
  };
}

/** Adds up what was left out of several data sets, each counted by its fullest pass. */
function mostOf(
  passes: readonly { readonly path: string | undefined; readonly losses: readonly ReadLoss[] }[],
): ReadLoss[] {
  const byPath = new Map<string | undefined, Map<string, ReadLoss>>();
  for (const { path, losses } of passes) {
    const known = byPath.get(path) ?? new Map<string, ReadLoss>();
    byPath.set(path, known);
    for (const loss of losses) {
      const before = known.get(loss.kind);
      if (path === undefined && before) known.set(loss.kind, { ...before, count: before.count + loss.count });
      else if (!before || before.count < loss.count) known.set(loss.kind, loss);
    }
  }
  const total = new Map<string, ReadLoss>();
  for (const known of byPath.values()) {
    for (const loss of known.values()) {
      const before = total.get(loss.kind);
      total.set(loss.kind, before ? { ...before, count: before.count + loss.count } : loss);
    }
  }
  return [...total.values()].sort((a, b) => b.count - a.count);
}
