import { EXIT_INTERRUPTED } from "./cli-error.js";

/** How long work may take to stop by itself before the process ends regardless. */
const GRACE_MS = 700;

const controller = new AbortController();

/** Fires at the first Ctrl-C (or a polite kill). What runs then stops, half-written files are removed, and the status is 130. */
export const interruption: AbortSignal = controller.signal;

function interrupt(): void {
  if (controller.signal.aborted) process.exit(EXIT_INTERRUPTED);
  controller.abort();
  setTimeout(() => process.exit(EXIT_INTERRUPTED), GRACE_MS).unref();
}

process.on("SIGINT", interrupt);
process.on("SIGTERM", interrupt);
