/** For tests: how much memory work on data sets takes, measured in a process of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { buffer } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

/** What a script printed as its result, what it took, and the most memory its process held. */
export interface Measured<T> {
  readonly result: T;
  readonly seconds: number;
  /** Of the processor, on all its cores: says more than wall time on a busy machine. */
  readonly cpuSeconds: number;
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
    const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
    const cpuSeconds = (userCPUTime + systemCPUTime) / 1e6;
    process.stdout.write(JSON.stringify({ result, seconds, cpuSeconds, maxRssBytes: maxRSS * 1024 }));`;
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
