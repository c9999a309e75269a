/** Measures the speed of a model on this machine: its steps interleaved with a matrix product. */
import { SamError, throwIfAborted } from "@segany/masks";
import { openMatrixProduct, resolveDevice, sessionOpener } from "@segany/runtime/node";
import { openState } from "../files/node-open-state.js";
import type { NodeEngineSpec } from "../processes/node-engine.js";
import { type ModelStep, openModelSteps, type StepName } from "./node-model-steps.js";

/** How long to measure. */
export interface MeasureOptions {
  /** New rounds start until this time has passed; at least two, of which the first is a warm-up. */
  readonly budgetMs?: number;
  readonly maxRounds?: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((elapsedMs: number, budgetMs: number) => void) | undefined;
}

/** The measurement of one step. */
export interface StepSpeed {
  readonly name: StepName;
  /** Median time of a run. */
  readonly ms: number;
  /** Prompts per run; 0 if a run is for an image. */
  readonly prompts: number;
  /** Operations per run. */
  readonly flops: number;
  /** Throughput relative to the matrix product. About 1 at most if all work is matrix products. */
  readonly share: number;
}

/** The measurement of a model. */
export interface SpeedReport {
  /** Throughput of the matrix product, 10^9 operations per second, the fastest of all rounds. */
  readonly gflops: number;
  /** Time until all graphs were open and had run once, including building them if they were not cached. */
  readonly openMs: number;
  readonly rounds: number;
  readonly threads: number;
  readonly steps: readonly StepSpeed[];
}

/** Two per round, since the fastest counts and noise only makes it slower. */
const PRODUCTS_PER_ROUND = 2;

/**
 * Measures a model in this process, whose event loop is blocked during each step.
 *
 * @throws SamError as for loading the model, `option-invalid` for a budget that is not positive, `aborted`
 *
 * @example
 * const spec = { cacheDirectory: cacheDirectory() }; // the embedded weights
 * const { steps } = await measureSpeed(spec, { maxRounds: 2 });
 * console.log(steps.every(({ ms }) => ms > 0)); // true
 */
export async function measureSpeed(
  spec: NodeEngineSpec,
  { budgetMs = 10_000, maxRounds = 30, signal, onProgress }: MeasureOptions = {},
): Promise<SpeedReport> {
  if (!(budgetMs > 0)) throw new SamError("option-invalid", `budgetMs is ${budgetMs}; it must be above 0.`);
  const device = resolveDevice(spec);
  const start = performance.now();
  const state = await openState(spec);
  const open = sessionOpener(device, spec.cacheDirectory, state.sha256);
  const model = await openModelSteps(state, open, device).finally(() => state.close());
  const openMs = performance.now() - start;
  const product = await openMatrixProduct(device).catch(async (error: unknown) => {
    await model.close();
    throw error;
  });
  try {
    const times = model.steps.map((): number[] => []);
    let [rounds, productMs] = [0, Number.POSITIVE_INFINITY];
    while (rounds < 2 || (rounds < maxRounds && performance.now() - start < budgetMs)) {
      for (let i = 0; i < PRODUCTS_PER_ROUND; i++) productMs = Math.min(productMs, await product.timeMs());
      for (const [i, step] of model.steps.entries()) {
        throwIfAborted(signal);
        times[i]!.push(await timeOf(step));
        await eventLoop();
        onProgress?.(performance.now() - start, budgetMs);
      }
      rounds++;
    }
    const gflops = product.flops / productMs / 1e6;
    const steps = model.steps.map((step, i) => speedOf(step, median(times[i]!.slice(1)), gflops));
    return { gflops, openMs, rounds: rounds - 1, threads: device.threads, steps };
  } finally {
    await product.close();
    await model.close();
  }
}

async function timeOf(step: ModelStep): Promise<number> {
  const start = performance.now();
  await step.run();
  return performance.now() - start;
}

/** Lets signals and timers run, which a step blocks. */
function eventLoop(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

function speedOf({ name, prompts, flops }: ModelStep, ms: number, gflops: number): StepSpeed {
  return { name, ms, prompts, flops, share: flops / ms / 1e6 / gflops };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[sorted.length >> 1]!;
}
