import { EXIT_INTERRUPTED } from "./cli-error.js";

/** How long work may take to stop by itself before the process ends regardless. */
let graceMs = 700;

/** Gives a command more time to stop, such as a server whose requests are still to be answered. */
export function setGrace(ms: number): void {
  graceMs = ms;
}

const controller = new AbortController();

/** Fires at the first Ctrl-C (or a polite kill). What runs then stops, half-written files are removed, and the status is 130. */
export const interruption: AbortSignal = controller.signal;

let told = false;

/** Says once that the work was broken off. */
export function tellInterrupted(): void {
  if (!told) console.error("segany: interrupted");
  told = true;
}

function interrupt(): void {
  if (controller.signal.aborted) endNow();
  controller.abort();
  setTimeout(endNow, graceMs).unref();
}

function endNow(): never {
  tellInterrupted();
  process.exit(EXIT_INTERRUPTED);
}

process.on("SIGINT", interrupt);
process.on("SIGTERM", interrupt);
