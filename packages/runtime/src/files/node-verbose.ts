import { printable } from "@segany/masks";

/** The variable that makes every process say what it opens, when it is "1". */
const VERBOSE_VARIABLE = "SEGANY_VERBOSE";

/** Prints a line on standard error for those who asked for it. */
export function tellIfVerbose(line: string): void {
  if (process.env[VERBOSE_VARIABLE] === "1") process.stderr.write(`segany: ${printable(line)}\n`);
}
