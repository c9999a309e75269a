/**
 * What an engine does. A method is declared here and implemented in local-engine.ts; it then works over
 * channels too. One that keeps state between calls needs more: see remote-engine.ts and fallback-search.ts.
 */

import type { MaskRecord, MaskRuns } from "@segany/masks";
import type { Calls, Method } from "@segany/runtime";
import type { ImageEmbedding } from "../embeddings/image-embedding.js";
import type { DecodedMasks } from "../model/decoded-masks.js";
import type { MaskTokens, PackedPrompts } from "../model/prompt-batch.js";
import type { PreparedImage } from "../preprocessing/prepare-image.js";
import type { Behaviour, Selection } from "../proposals/selection.js";
import type { CropProgress, CropTask, CropTimings } from "../proposals/types.js";

/** The methods with request, reply and progress, all plain data. */
export interface EngineMethods {
  /** Runs the image encoder. */
  readonly encode: Method<PreparedImage, ImageEmbedding>;
  /** Runs the mask decoder on a batch of prompts for one image. */
  readonly decode: Method<DecodeRequest, DecodedMasks>;
  /** Decodes a grid of points on one crop and keeps the candidates under `searchId`. */
  readonly propose: Method<CropTask, CropTimings, CropProgress>;
  /** Selects the masks of all crops proposed so far. */
  readonly select: Method<SelectRequest, MaskRecord<MaskRuns>[]>;
  /** Releases the candidates of a number. */
  readonly release: Method<number, void>;
}

export interface DecodeRequest {
  readonly embedding: ImageEmbedding;
  readonly prompts: PackedPrompts;
  readonly masks: MaskTokens;
}

export interface SelectRequest {
  readonly searchId: number;
  readonly selection: Selection;
  readonly behaviour: Behaviour;
}

/** How a method is run where the model is. */
interface MethodTraits<Reply> {
  /**
   * Whether it waits for its turn, since a device does one thing at a time. Methods that don't run between
   * the steps of the running one, and so do short ones if that one is long.
   */
  readonly turn: "short" | "long" | "none";
  /** Buffers of the reply that belong to the caller alone and may be transferred. */
  readonly moved?: (reply: Reply) => readonly ArrayBufferLike[];
}

export const ENGINE_METHODS: {
  readonly [Name in keyof EngineMethods]: MethodTraits<EngineMethods[Name]["reply"]>;
} = {
  encode: { turn: "short" }, // the embedding is cached there, too
  decode: {
    turn: "short",
    moved: ({ iouPredictions, lowResLogits }) => [iouPredictions.buffer, lowResLogits.buffer],
  },
  propose: { turn: "long" },
  select: { turn: "none" },
  release: { turn: "none" },
};

export type EngineMethodName = keyof EngineMethods;

/** The methods as functions. */
export type EngineCalls = Calls<EngineMethods>;

/** Implements all methods by one function that gets the method's name; it must return the right types. */
export function eachEngineMethod(
  call: (name: EngineMethodName, request: never, options?: never) => Promise<unknown>,
): EngineCalls {
  const names = Object.keys(ENGINE_METHODS) as EngineMethodName[];
  return Object.fromEntries(
    names.map((name) => [name, (request: never, options?: never) => call(name, request, options)]),
  ) as unknown as EngineCalls;
}

/** Calls a method by its name; the caller must pass the right request. */
export function engineMethod(
  engine: EngineCalls,
  name: EngineMethodName,
): (request: unknown, options?: unknown) => Promise<unknown> {
  return engine[name] as never;
}
