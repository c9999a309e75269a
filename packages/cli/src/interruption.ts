import { EXIT_CLOSED_PIPE, EXIT_FAILED, EXIT_INTERRUPTED, EXIT_TERMINATED } from "./cli-error.js";
import { outputClosed, printNote } from "./terminal/print.js";

/** Time that work gets to stop by itself before the process exits. */
let graceMs = 700;

/** Gives a command more time to stop, such as a server with pending requests. */
export function setGrace(ms: number): void {
  graceMs = ms;
}

const controller = new AbortController();

/**
 * Aborted at the first Ctrl-C or SIGTERM, and when the output is closed (`segany … | head`). Running work
 * then stops, and incomplete files are removed.
 */
export const interruption: AbortSignal = controller.signal;

let status = EXIT_INTERRUPTED;
let told = false;

/** The exit status of a command stopped by `interruption`. */
export function interruptionStatus(): number {
  return status;
}

/** Ends with success although interrupted: that is how a server is stopped, and all its work is done. */
export function stoppedCleanly(): void {
  if (status === EXIT_INTERRUPTED || status === EXIT_TERMINATED) status = 0;
}

/** Prints once what has stopped the work: Ctrl-C or SIGTERM. */
export function tellInterrupted(): void {
  if (!told && status === EXIT_INTERRUPTED) printNote("segany: interrupted");
  if (!told && status === EXIT_TERMINATED) printNote("segany: terminated");
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

function interrupt(signal: NodeJS.Signals): void {
  if (controller.signal.aborted) endNow();
  stop(signal === "SIGTERM" ? EXIT_TERMINATED : EXIT_INTERRUPTED);
}

/** Error codes of a pipe, a socket or a terminal whose other end is closed. */
const CLOSED: ReadonlySet<string | undefined> = new Set(["EPIPE", "EOF", "ECONNRESET", "EIO"]);

function stopWithoutOutput(): void {
  const { code, message } = outputClosed.reason as NodeJS.ErrnoException;
  if (!CLOSED.has(code)) printNote(`segany: The output can't be written: ${message}`);
  if (!controller.signal.aborted) stop(CLOSED.has(code) ? EXIT_CLOSED_PIPE : EXIT_FAILED);
}

process.on("SIGINT", interrupt);
process.on("SIGTERM", interrupt);
outputClosed.addEventListener("abort", stopWithoutOutput);
