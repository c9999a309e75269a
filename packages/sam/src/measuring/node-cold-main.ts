/** Entry of a process that measures its own first image; see node-cold.ts. */
import { parentChannel } from "@segany/runtime/processes";
import { loadNodeEngine, type NodeEngineSpec } from "../processes/node-engine.js";
import type { ColdRun } from "./node-cold.js";

const LATER_RUNS = 3;

const channel = parentChannel();
channel.onMessage(async (spec) => {
  try {
    channel.send({ run: await measure(spec as NodeEngineSpec) });
  } catch (error) {
    channel.send({ error: (error as Error).message });
  }
});

async function measure(spec: NodeEngineSpec): Promise<ColdRun> {
  const start = performance.now();
  const engine = await loadNodeEngine(spec);
  const side = engine.model.imageSide;
  const size = { width: side, height: side };
  const data = Uint8Array.from({ length: 3 * side * side }, (_, i) => Math.imul(i + 1, 2_654_435_761) >>> 24);
  const image = { resized: { ...size, data }, originalSize: size };
  await engine.encode(image);
  const firstMs = performance.now() - start;
  const { userCPUTime, systemCPUTime, minorPageFault, maxRSS } = process.resourceUsage();
  const laterMs: number[] = [];
  for (let run = 0; run < LATER_RUNS; run++) {
    const began = performance.now();
    await engine.encode(image);
    laterMs.push(performance.now() - began);
  }
  await engine.close();
  return {
    firstMs,
    warmMs: laterMs.toSorted((a, b) => a - b)[LATER_RUNS >> 1]!,
    cpuMs: (userCPUTime + systemCPUTime) / 1000,
    pageFaults: minorPageFault,
    peakBytes: maxRSS * 1024,
  };
}
