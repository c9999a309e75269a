import { printable } from "@segany/masks";
import type { LogSink } from "../options.js";

/** Writes to standard output. */
const toConsole: LogSink = (line) => console.log(line);

/** The token in an address, as the server prints it for the browser. */
const TOKEN = /([?&]token=)[^&"\s]+/g;

/**
 * Creates a stream for the logger that escapes control characters from requests and errors, so that they
 * can't control a terminal, and leaves tokens in addresses out. The rest of the JSON stays equivalent.
 */
export function logStream(sink: LogSink = toConsole): { write(line: string): void } {
  return { write: (line) => sink(printable(line.replace(/\n$/, "").replace(TOKEN, "$1…"))) };
}
