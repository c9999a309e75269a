import { createRequire } from "node:module";
import { printable } from "@segany/masks";
import type { Bar, SingleBar } from "cli-progress";

/**
 * Progress of long work on standard error. Labels and notes may have names from outside: they are escaped
 * here.
 */
export interface Progress {
  /** Starts a step; without a total only the done part is shown. */
  begin(label: string, total?: number): void;
  update(done: number, note?: string): void;
  /** Ends the step; `summary` stays visible. */
  end(summary?: string): void;
  /** Prints a line of its own, during any step. */
  note(line: string): void;
}

/** Least time between two plain lines. */
const PLAIN_INTERVAL_MS = 5000;

/** Creates a progress display: a bar on a terminal, plain lines elsewhere, nothing if quiet. */
export function createProgress({
  quiet = false,
  stream = process.stderr,
}: {
  quiet?: boolean | undefined;
  stream?: NodeJS.WriteStream;
} = {}): Progress {
  if (quiet) return { begin: nothing, update: nothing, end: nothing, note: nothing };
  return escaping(stream.isTTY ? terminalProgress(stream) : plainProgress(stream));
}

function escaping({ begin, update, end, note }: Progress): Progress {
  return {
    begin: (label, total) => begin(printable(label), total),
    update: (done, text) => update(done, text && printable(text)),
    end: (summary) => end(summary && printable(summary)),
    note: (line) => note(printable(line)),
  };
}

function nothing(): void {}

/** Loads the bars' 20 modules only where one is shown. */
function createBar(options: ConstructorParameters<typeof SingleBar>[0]): Bar {
  const library: typeof import("cli-progress") = createRequire(import.meta.url)("cli-progress");
  return new library.SingleBar(options);
}

function terminalProgress(stream: NodeJS.WriteStream): Progress {
  let bar: Bar | undefined;
  let step: { readonly label: string; readonly total: number | undefined } = { label: "", total: undefined };
  const stop = () => {
    bar?.stop();
    bar = undefined;
  };
  const show = (done: number, note: string) => {
    if (bar) return bar.update(step.total === undefined ? 0 : done, { note });
    const { label, total } = step;
    const format = total === undefined ? "{label}: {note}" : "{label} [{bar}] {percentage}% {note}";
    bar = createBar({
      format,
      stream,
      barsize: 24,
      hideCursor: true,
      clearOnComplete: true,
      stopOnComplete: false,
    });
    bar.start(total ?? 1, total === undefined ? 0 : done, { label, note });
  };
  return {
    begin(label, total) {
      stop();
      step = { label, total };
      show(0, "");
    },
    update: (done, note = "") => show(done, note), // again, after a line in between
    end(summary) {
      stop();
      if (summary) stream.write(`${summary}\n`);
    },
    note(line) {
      stop();
      stream.write(`${line}\n`);
    },
  };
}

function plainProgress(stream: NodeJS.WriteStream): Progress {
  let label = "";
  let total: number | undefined;
  let last = 0;
  return {
    begin(newLabel, newTotal) {
      label = newLabel;
      total = newTotal;
      last = Date.now();
    },
    update(done, note = "") {
      if (Date.now() - last < PLAIN_INTERVAL_MS) return;
      last = Date.now();
      const percentage = total === undefined ? "" : `${Math.floor((100 * done) / total)} % `;
      stream.write(`${label}: ${percentage}${note}\n`);
    },
    end(summary) {
      if (summary) stream.write(`${summary}\n`);
    },
    note: (line) => void stream.write(`${line}\n`),
  };
}
