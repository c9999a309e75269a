import { createInterface } from "node:readline/promises";
import type { Readable, Writable } from "node:stream";
import { printable } from "@segany/masks";

interface Terminal {
  readonly input: Readable & { readonly isTTY?: boolean };
  readonly output: Writable & { readonly isTTY?: boolean };
}

/** Asks a yes-or-no question; anything but yes is no. Without a terminal it returns no and prints nothing. */
export async function confirm(
  question: string,
  signal: AbortSignal,
  { input, output }: Terminal = { input: process.stdin, output: process.stderr },
): Promise<boolean> {
  if (!input.isTTY || !output.isTTY) return false;
  const lines = createInterface({ input, output });
  // readline handles Ctrl-C in a terminal itself.
  lines.once("SIGINT", () => process.kill(process.pid, "SIGINT"));
  const closed = new Promise<string>((resolve) => lines.once("close", () => resolve("")));
  try {
    const asked = lines.question(`${printable(question)} [y/N] `, { signal });
    return /^y(es)?$/i.test((await Promise.race([asked, closed])).trim());
  } finally {
    lines.close();
  }
}
