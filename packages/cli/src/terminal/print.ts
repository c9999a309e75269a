/**
 * The only output to the terminal: no other folder writes to standard output or standard error, so that
 * everything is escaped and a closed pipe is handled in one place.
 */
import { printable } from "@segany/masks";
import type { OutputConfiguration } from "commander";

const closing = new AbortController();

/** Aborted when standard output or standard error is closed; the reason is the system's error. */
export const outputClosed: AbortSignal = closing.signal;

for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error) => closing.abort(error));
}

/**
 * Prints a line on standard output. Line breaks inside are escaped: they come from names or foreign messages.
 */
export function printLine(line: string): void {
  process.stdout.write(`${printable(line)}\n`);
}

/** Prints text with line breaks of its own, such as a table. */
export function printText(text: string): void {
  process.stdout.write(printableLines(text));
}

/** Prints a value as one line of JSON. */
export function printJson(value: unknown): void {
  printLine(JSON.stringify(value));
}

/** Prints a line on standard error. */
export function printNote(line: string): void {
  process.stderr.write(`${printable(line)}\n`);
}

/** How commander prints help and errors. */
export const commanderOutput: OutputConfiguration = {
  writeOut: printText,
  writeErr: (text) => void process.stderr.write(printableLines(text)),
  outputError(message, write) {
    const [, error = "", suggestion = ""] = /^(.*?)(\n\(Did you mean [^\n]*\?\))?\n*$/s.exec(message) ?? [];
    write(`${printable(error)}${suggestion}\n`);
  },
};

/** Escapes each line; the text ends with a line break. */
function printableLines(text: string): string {
  return `${text.replace(/\n$/, "").split("\n").map(printable).join("\n")}\n`;
}
