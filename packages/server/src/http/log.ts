import { printable } from "@segany/masks";
import type { LogSink } from "../options.js";

/** Standard output, whose reader may go away. */
const toConsole: LogSink = (line) => console.log(line);

/** A stream for the logger: what requests and errors put into a line reaches no terminal unescaped; it stays the same JSON. */
export function logStream(sink: LogSink = toConsole): { write(line: string): void } {
  return { write: (line) => sink(printable(line.replace(/\n$/, ""))) };
}
