import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

/**
 * Runs a worker's program, and kills it after so many lines of its output.
 *
 * @param settings its argument
 */
export async function runAndKill(program: string, settings: object, lines: number): Promise<void> {
  const path = fileURLToPath(new URL(program, import.meta.url));
  const child = spawn(process.execPath, [path, JSON.stringify(settings)], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  let printed = 0;
  createInterface({ input: child.stdout }).on("line", () => {
    if (++printed >= lines) child.kill("SIGKILL");
  });
  await once(child, "close");
}
