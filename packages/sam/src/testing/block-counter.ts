import { type Profiler, Session } from "node:inspector/promises";

/** Counts how often blocks of code are entered: functions, branches, bodies of loops. */
export interface BlockCounter {
  /**
   * Counts blocks entered in files whose path matches while `run` runs: a measure of its work that does not
   * depend on the machine.
   */
  count(files: RegExp, run: () => unknown): Promise<number>;
  close(): void;
}

/**
 * Opens a counter. Call it before the counted functions run for the first time: only then are their blocks
 * distinguished.
 */
export async function openBlockCounter(): Promise<BlockCounter> {
  const session = new Session();
  session.connect();
  await session.post("Profiler.enable");
  await session.post("Profiler.startPreciseCoverage", { callCount: true, detailed: true });
  return {
    async count(files, run) {
      await session.post("Profiler.takePreciseCoverage"); // resets the counts
      await run();
      const { result } = await session.post("Profiler.takePreciseCoverage");
      return result.filter(({ url }) => files.test(url)).reduce((sum, script) => sum + entriesOf(script), 0);
    },
    close: () => session.disconnect(),
  };
}

function entriesOf({ functions }: Profiler.ScriptCoverage): number {
  const ranges = functions.flatMap((called) => called.ranges);
  return ranges.reduce((sum, { count }) => sum + count, 0);
}
