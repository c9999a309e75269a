/** For tests: runs the command's own code in this process, which takes a fraction of starting one. */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { vi } from "vitest";
import { createProgram, runCommand } from "../run-program.js";

/** What a command has printed, and its exit status. */
export interface Finished {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** @param isTerminal whether standard error is taken for a terminal, on which progress is shown */
export async function runHere(
  command: Command,
  args: readonly string[],
  { isTerminal = false }: { readonly isTerminal?: boolean } = {},
): Promise<Finished> {
  const texts = { stdout: "", stderr: "" };
  const spies = (["stdout", "stderr"] as const).map((name) =>
    vi.spyOn(process[name], "write").mockImplementation((chunk) => {
      texts[name] += typeof chunk === "string" ? chunk : Buffer.from(chunk).toString();
      return true;
    }),
  );
  const before = { exitCode: process.exitCode, isTTY: process.stderr.isTTY };
  process.exitCode = undefined;
  process.stderr.isTTY = isTerminal;
  try {
    await runCommand(createProgram([command]), args);
    return { status: Number(process.exitCode ?? 0), ...texts };
  } finally {
    for (const spy of spies) spy.mockRestore();
    process.exitCode = before.exitCode;
    process.stderr.isTTY = before.isTTY;
  }
}

/** The files below a folder, by name, with their hashes; those that tell times are left out. */
export function filesBelow(folder: string): Record<string, string> {
  if (!existsSync(folder)) return {};
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return Object.fromEntries(
    files
      .map(({ parentPath, name }) => join(parentPath, name))
      .filter((path) => !/report\.html$|\.segany-files\.json$/.test(path))
      .sort()
      .map((path) => [
        path.slice(folder.length + 1),
        createHash("sha256")
          .update(readFileSync(path, "latin1").replace(/"seconds": ?[\d.]+/, ""))
          .digest("hex"),
      ]),
  );
}
