import { type Bar, SingleBar } from "cli-progress";

/** What a person sees of long work, on standard error. */
export interface Progress {
  /** Begins a step with a known end. */
  begin(label: string, total: number): void;
  update(done: number, note?: string): void;
  /** Ends the step; `summary` stays on the screen. */
  end(summary?: string): void;
  /** A line of its own, whatever the step. */
  note(line: string): void;
}

/** Plain lines come no more often than this. */
const PLAIN_INTERVAL_MS = 5000;

/** A bar on a terminal, plain lines elsewhere, nothing when quiet. */
export function createProgress({
  quiet = false,
  stream = process.stderr,
}: {
  quiet?: boolean | undefined;
  stream?: NodeJS.WriteStream;
} = {}): Progress {
  if (quiet) return { begin: nothing, update: nothing, end: nothing, note: nothing };
  return stream.isTTY ? terminalProgress(stream) : plainProgress(stream);
}

function nothing(): void {}

function terminalProgress(stream: NodeJS.WriteStream): Progress {
  let bar: Bar | undefined;
  let step = { label: "", total: 1 };
  const stop = () => {
    bar?.stop();
    bar = undefined;
  };
  const show = (done: number, note: string) => {
    if (bar) return bar.update(done, { note });
    const format = `${step.label} [{bar}] {percentage}% {note}`;
    bar = new SingleBar({
      format,
      stream,
      barsize: 24,
      hideCursor: true,
      clearOnComplete: true,
      stopOnComplete: false,
    });
    bar.start(step.total, done, { note });
  };
  return {
    begin(label, total) {
      stop();
      step = { label, total };
      show(0, "");
    },
    update: (done, note = "") => show(done, note), // again, when a line has come in between
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
  let total = 0;
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
      stream.write(`${label}: ${Math.floor((100 * done) / total)} % ${note}\n`);
    },
    end(summary) {
      if (summary) stream.write(`${summary}\n`);
    },
    note: (line) => void stream.write(`${line}\n`),
  };
}
