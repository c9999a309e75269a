/** For tests: how much memory work on data sets takes, measured in a process of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { buffer } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

/** What a script printed as its result, how long it took, and the most memory its process held. */
export interface Measured<T> {
  readonly result: T;
  readonly seconds: number;
  readonly maxRssBytes: number;
}

/**
 * Runs an ES module that may import `@segany/dataset` and sets `result`.
 *
 * @param script the module's text
 * @param args what it finds in `args`
 */
export async function measureMemory<T>(script: string, args: readonly string[]): Promise<Measured<T>> {
  const program = `
    const args = ${JSON.stringify(args)};
    const start = performance.now();
    let result;
    ${script}
    const seconds = (performance.now() - start) / 1000;
    const maxRssBytes = process.resourceUsage().maxRSS * 1024;
    process.stdout.write(JSON.stringify({ result, seconds, maxRssBytes }));`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program], {
    cwd: fileURLToPath(new URL("..", import.meta.url)),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, errors, [status]] = await Promise.all([
    buffer(child.stdout),
    buffer(child.stderr),
    once(child, "close"),
  ]);
  if (status !== 0) throw new Error(`The script ended with ${status}: ${errors.toString()}`);
  return JSON.parse(out.toString());
}
