/** Measures the first image of fresh processes: most runs of a command are first runs. */
import { SamError, throwIfAborted } from "@segany/masks";
import { forkChannel, hugePages } from "@segany/runtime/processes";
import type { NodeEngineSpec } from "../processes/node-engine.js";

/** One fresh process. */
export interface ColdRun {
  /** From opening the model to the first embedding, without starting Node. */
  readonly firstMs: number;
  /** A later embedding of the same process, the median. */
  readonly warmMs: number;
  /** Processor time, page faults and most memory until the first embedding, Node's start included. */
  readonly cpuMs: number;
  readonly pageFaults: number;
  readonly peakBytes: number;
}

/** Medians of fresh processes. */
export interface ColdReport extends ColdRun {
  readonly processes: number;
}

export interface MeasureColdOptions {
  /** Processes to measure, one after the other; 5 by default. One before them is a warm-up. */
  readonly processes?: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

/** No process packs the model in the background meanwhile; a packed copy that is there is opened. */
const ENVIRONMENT = { SEGANY_PACK: "0" };

/**
 * Measures the first image in fresh processes.
 *
 * @throws SamError as for loading the model, `inference-failed` if a process ends, `aborted`
 *
 * @example
 * const spec = { cacheDirectory: cacheDirectory() }; // the embedded weights
 * const { processes, firstMs } = await measureCold(spec, { processes: 1 });
 * console.log(processes, firstMs > 0); // 1 true
 */
export async function measureCold(
  spec: NodeEngineSpec,
  { processes = 5, signal, onProgress }: MeasureColdOptions = {},
): Promise<ColdReport> {
  const runs: ColdRun[] = [];
  for (let i = 0; i <= processes; i++) {
    const run = await measureProcess(spec, signal);
    if (i > 0) runs.push(run); // the first may have built the model
    onProgress?.(i, processes);
  }
  const median = (of: (run: ColdRun) => number) => runs.map(of).toSorted((a, b) => a - b)[runs.length >> 1]!;
  return {
    processes,
    firstMs: median(({ firstMs }) => firstMs),
    warmMs: median(({ warmMs }) => warmMs),
    cpuMs: median(({ cpuMs }) => cpuMs),
    pageFaults: median(({ pageFaults }) => pageFaults),
    peakBytes: median(({ peakBytes }) => peakBytes),
  };
}

async function measureProcess(spec: NodeEngineSpec, signal: AbortSignal | undefined): Promise<ColdRun> {
  throwIfAborted(signal);
  const entry = new URL("./node-cold-main.js", import.meta.url);
  const channel = forkChannel(entry, { env: { ...hugePages().env, ...ENVIRONMENT } });
  const stop = () => channel.kill();
  signal?.addEventListener("abort", stop);
  try {
    return await new Promise<ColdRun>((resolve, reject) => {
      channel.setBusy?.(true);
      channel.onMessage((message) => {
        const { run, error } = message as { run?: ColdRun; error?: string };
        if (run) resolve(run);
        else reject(new SamError("inference-failed", error ?? "The process sent no measurement."));
      });
      channel.onClose((how) => {
        const error = new SamError("inference-failed", `The process that was measured ended (${how}).`);
        reject(signal?.aborted ? new SamError("aborted", "The measurement was aborted.") : error);
      });
      channel.send(spec);
    });
  } finally {
    signal?.removeEventListener("abort", stop);
    channel.kill();
  }
}
