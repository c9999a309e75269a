import { EXIT_CLOSED_PIPE, EXIT_FAILED, EXIT_INTERRUPTED } from "./cli-error.js";
import { outputClosed, printNote } from "./terminal/print.js";

/** How long work may take to stop by itself before the process ends regardless. */
let graceMs = 700;

/** Gives a command more time to stop, such as a server whose requests are still to be answered. */
export function setGrace(ms: number): void {
  graceMs = ms;
}

const controller = new AbortController();

/**
 * Fires at the first Ctrl-C (or a polite kill), and when nobody reads the output any more (`segany … | head`). What
 * runs then stops, and half-written files are removed.
 */
export const interruption: AbortSignal = controller.signal;

let status = EXIT_INTERRUPTED;
let told = false;

/** The exit status of a command that `interruption` has stopped. */
export function interruptionStatus(): number {
  return status;
}

/** Says once that Ctrl-C has broken the work off. */
export function tellInterrupted(): void {
  if (!told && status === EXIT_INTERRUPTED) printNote("segany: interrupted");
  told = true;
}

function stop(exitStatus: number): void {
  status = exitStatus;
  process.exitCode = status;
  controller.abort();
  setTimeout(endNow, graceMs).unref();
}

function endNow(): never {
  tellInterrupted();
  process.exit(status);
}

function interrupt(): void {
  if (controller.signal.aborted) endNow();
  stop(EXIT_INTERRUPTED);
}

/** What a pipe, a socket or a terminal answers when its other end is gone. */
const CLOSED: ReadonlySet<string | undefined> = new Set(["EPIPE", "EOF", "ECONNRESET", "EIO"]);

function stopWithoutOutput(): void {
  const { code, message } = outputClosed.reason as NodeJS.ErrnoException;
  if (!CLOSED.has(code)) printNote(`segany: The output can't be written: ${message}`);
  if (!controller.signal.aborted) stop(CLOSED.has(code) ? EXIT_CLOSED_PIPE : EXIT_FAILED);
}

process.on("SIGINT", interrupt);
process.on("SIGTERM", interrupt);
outputClosed.addEventListener("abort", stopWithoutOutput);
