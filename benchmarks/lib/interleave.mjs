/** Timing of several ways of doing the same in turn, so that all see the same disturbances. */

import { setTimeout as sleep } from "node:timers/promises";

/** @param {readonly number[]} values */
export const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** A case that is faster than this is warmed up before it is timed. */
const SHORT_MS = 250;
/** After this time the threads of another session sleep. */
export const REST_MS = 50;

/**
 * Runs every case once a round, after one round that is not counted. Short ones are warmed up each time,
 * after a rest: the threads of the session before spin on for a while, and its data fill the caches, which
 * tells nothing of the case itself.
 *
 * @param {Readonly<Record<string, () => Promise<unknown> | unknown>>} cases
 * @param {{ rounds: number, product?: { timeMs(): Promise<number>, flops: number } }} options `product` is
 * run once a round, and five times at least
 * @returns {Promise<{ times: Record<string, { ms: number, minMs: number }>, gflops?: number }>} medians,
 * fastest runs, and the speed of the fastest product
 */
export async function interleave(cases, { rounds, product }) {
  const times = Object.fromEntries(Object.keys(cases).map((name) => [name, []]));
  const products = [];
  const productsPerRound = Math.ceil(5 / (rounds + 1)); // five at least; more chances would favour the product
  for (let round = 0; round <= rounds; round++) {
    for (let i = 0; product && i < productsPerRound; i++) products.push(await product.timeMs());
    for (const [name, run] of Object.entries(cases)) {
      const ms = await timed(run);
      if (round > 0) times[name].push(ms < SHORT_MS ? await warmlyTimed(run) : ms);
    }
    tell(`round ${round} of ${rounds}`);
  }
  const summary = Object.entries(times).map(([name, list]) => [
    name,
    { ms: median(list), minMs: Math.min(...list) },
  ]);
  const gflops = product && product.flops / Math.min(...products) / 1e6;
  return { times: Object.fromEntries(summary), ...(gflops && { gflops }) };
}

async function warmlyTimed(run) {
  await sleep(REST_MS);
  await run();
  return await timed(run);
}

async function timed(run) {
  const start = performance.now();
  await run();
  return performance.now() - start;
}

/** A line about the progress; standard output is for results. */
export const tell = (line) => process.stderr.write(`  ${line}\n`);
