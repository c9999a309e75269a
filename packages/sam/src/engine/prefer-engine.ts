import type { ImageEmbedding } from "../embeddings/image-embedding.js";
import { SamError, throwIfAborted } from "../errors.js";
import { embeddingSide } from "../model/architecture.js";
import { packPrompts } from "../model/prompt-batch.js";
import type { DecodedMasks, Engine, ModelInfo } from "./types.js";

/** Largest difference of ratings, and of logits as a share of the largest one, between two right devices. */
const TOLERANCE = 0.01;

/** What preferring takes beside the two engines. */
export interface PreferOptions {
  /** How long the other engine may take to open and to decode the known prompt. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** The engine that is used, and why it is not the other one. */
export interface PreferredEngine {
  readonly engine: Engine;
  readonly refusal?: string;
}

/**
 * Takes another engine for the same model if it proves right: it has to give the masks of a made-up embedding that the
 * trusted engine gives. One that fails, differs or takes too long is closed, and the trusted one is used. The engine
 * that is not used is closed.
 *
 * @param openOther opens the engine to be preferred; its signal fires when that has taken too long
 * @throws SamError `aborted`; then both are closed
 */
export async function preferEngine(
  trusted: Engine,
  openOther: (signal: AbortSignal) => Promise<Engine>,
  { timeoutMs, signal }: PreferOptions,
): Promise<PreferredEngine> {
  const deadline = AbortSignal.timeout(timeoutMs);
  const stop = signal ? AbortSignal.any([deadline, signal]) : deadline;
  let other: Engine | undefined;
  try {
    const expected = await decodeKnown(trusted, signal);
    other = await openOther(stop);
    checkSame(await decodeKnown(other, stop), expected);
    await trusted.close();
    return { engine: other };
  } catch (error) {
    await other?.close();
    if (signal?.aborted) await trusted.close();
    throwIfAborted(signal);
    const refusal = deadline.aborted ? `it took more than ${timeoutMs / 1000} s` : reasonOf(error);
    return { engine: trusted, refusal };
  }
}

/** Decodes a point on an embedding of even noise; what the masks show does not matter, every weight takes part. */
function decodeKnown(engine: Engine, signal: AbortSignal | undefined): Promise<DecodedMasks> {
  const { imageSize } = engine.model.architecture.encoder;
  const prompts = packPrompts([{ pointCoords: [[imageSize / 2, imageSize / 3]], pointLabels: [1] }]);
  return engine.decode(knownEmbedding(engine.model), prompts, "three", { signal });
}

function knownEmbedding({ name, checkpointSha256, architecture }: ModelInfo): ImageEmbedding {
  const { imageSize, outChannels } = architecture.encoder;
  const side = embeddingSide(architecture.encoder);
  const size = { width: imageSize, height: imageSize };
  let state = 1;
  const data = Float32Array.from({ length: outChannels * side * side }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0; // Numerical Recipes' generator
    return (state / 2 ** 32 - 0.5) / 2;
  });
  return {
    model: { name, checkpointSha256 },
    imageSize: size,
    inputSize: size,
    shape: [1, outChannels, side, side],
    data,
  };
}

function checkSame(actual: DecodedMasks, expected: DecodedMasks): void {
  const largest = expected.lowResLogits.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  const ratings = difference(actual.iouPredictions, expected.iouPredictions);
  const logits = difference(actual.lowResLogits, expected.lowResLogits) / largest;
  if (ratings <= TOLERANCE && logits <= TOLERANCE) return;
  throw new SamError(
    "inference-failed",
    `a known prompt gives wrong masks there: ratings differ by ${ratings.toPrecision(2)}, logits by ${(100 * logits).toPrecision(2)} %`,
  );
}

/** The largest difference of two lists; infinite where they cannot be compared. */
function difference(a: Float32Array, b: Float32Array): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  let most = 0;
  for (let i = 0; i < a.length; i++) {
    const apart = Math.abs(a[i]! - b[i]!);
    if (!(apart <= most)) most = Number.isNaN(apart) ? Number.POSITIVE_INFINITY : apart;
  }
  return most;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
