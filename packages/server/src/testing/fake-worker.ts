import { ServerError, WorkerLostError } from "../errors.js";
import type { WorkerMethod } from "../inference/messages.js";
import type { Worker } from "../inference/worker-process.js";

/** A call to a fake worker without a reply so far. */
export interface HeldCall {
  readonly method: WorkerMethod;
  readonly input: unknown;
  answer(output: unknown): void;
  fail(error: ServerError): void;
}

/** A worker whose calls a test answers by hand; `start` replies by itself. */
export interface FakeWorker extends Worker {
  readonly calls: HeldCall[];
  /** Simulates the end of its process. */
  die(): void;
}

const MODEL = {
  name: "fake",
  checkpointSha256: "0".repeat(64),
  precision: "fp32",
  imageSide: 64,
  fit: "pad",
  maskSide: 16,
  tokenWidth: 8,
};

/** @param start opens the model; resolves by default */
export function createFakeWorker(start: () => Promise<void> = async () => undefined): FakeWorker {
  const calls: HeldCall[] = [];
  const listeners: ((how: string) => void)[] = [];
  const rejects = new Set<(error: ServerError) => void>();
  const end = (how: string) => {
    for (const reject of rejects) reject(new WorkerLostError(how));
    for (const listener of listeners.splice(0)) listener(how);
  };
  return {
    calls,
    die: () => end("signal SIGKILL"),
    end,
    onEnd: (listener) => void listeners.push(listener),
    whenIdle: async () => undefined,
    call(method, input, { signal } = {}) {
      if (method === "start")
        return start().then(() => ({ model: MODEL, decoderWeights: new Uint8Array(8) }) as never);
      return new Promise<never>((resolve, reject) => {
        rejects.add(reject);
        calls.push({ method, input, answer: (output) => resolve(output as never), fail: reject });
        signal?.addEventListener("abort", () => reject(new ServerError("overloaded", "cancelled")));
      });
    },
  };
}

/** Lets the callbacks of settled promises run. */
export function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
