/** `metrics.jsonl`: a line for each step and each validation. */
import { appendFile, readFile } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "@segany/runtime/files";
import { TrainingError } from "../errors.js";

/** Name of the file in a run's folder. */
export const METRICS_FILE = "metrics.jsonl";

/** A line: a step's or a validation's numbers. */
export interface MetricsLine {
  readonly step: number;
  readonly [name: string]: number;
}

/** Adds a line. */
export async function appendMetrics(folder: string, line: MetricsLine): Promise<void> {
  await appendFile(join(folder, METRICS_FILE), `${JSON.stringify(line)}\n`);
}

/**
 * All lines; none without a file. A last one that was cut short is left out.
 *
 * @throws TrainingError `run-mismatch` for a damaged line
 */
export async function readMetrics(folder: string): Promise<MetricsLine[]> {
  const path = join(folder, METRICS_FILE);
  const text = await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  const whole = text.split("\n").slice(0, -1);
  return whole.map((line, i) => parseLine(line, `line ${i + 1} of "${path}"`));
}

/**
 * Drops what a run wrote after its saved state: those steps are done again.
 *
 * @throws TrainingError `run-mismatch` for a damaged line
 */
export async function dropMetricsAfter(folder: string, step: number): Promise<void> {
  const kept = (await readMetrics(folder)).filter((line) => line.step <= step);
  await writeFileAtomic(join(folder, METRICS_FILE), kept.map((line) => `${JSON.stringify(line)}\n`).join(""));
}

function parseLine(text: string, name: string): MetricsLine {
  try {
    const line = JSON.parse(text) as MetricsLine;
    const isLine = Number.isSafeInteger(line.step) && Object.values(line).every(Number.isFinite);
    if (isLine) return line;
  } catch {
    // said below
  }
  throw new TrainingError("run-mismatch", `The ${name} is not one of a run's metrics. Is it damaged?`);
}
