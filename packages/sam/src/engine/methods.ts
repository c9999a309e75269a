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

/** The methods, each with its request, its reply, and what it tells meanwhile. All of these are plain data. */
export interface EngineMethods {
  /** Runs the image encoder. */
  readonly encode: Method<PreparedImage, ImageEmbedding>;
  /** Runs the mask decoder on a batch of prompts for one image. */
  readonly decode: Method<DecodeRequest, DecodedMasks>;
  /** Decodes a grid of points on one crop and keeps the candidates under the number of `proposals`. */
  readonly propose: Method<CropTask, CropTimings, CropProgress>;
  /** Picks the masks of all crops proposed so far. */
  readonly select: Method<SelectRequest, MaskRecord<MaskRuns>[]>;
  /** Forgets the candidates of a number. */
  readonly release: Method<number, void>;
}

export interface DecodeRequest {
  readonly embedding: ImageEmbedding;
  readonly prompts: PackedPrompts;
  readonly masks: MaskTokens;
}

export interface SelectRequest {
  readonly proposals: number;
  readonly selection: Selection;
  readonly behaviour: Behaviour;
}

/** How a method is run where the model is. */
interface MethodTraits<Reply> {
  /** Waits for its turn: a device does one thing at a time. The others are answered between the steps of what runs. */
  readonly needsDevice: boolean;
  /** Memory of the reply that is made for the caller alone, and may be moved to it. */
  readonly moved?: (reply: Reply) => readonly ArrayBufferLike[];
}

export const ENGINE_METHODS: {
  readonly [Name in keyof EngineMethods]: MethodTraits<EngineMethods[Name]["reply"]>;
} = {
  encode: { needsDevice: true }, // the embedding is kept there too
  decode: {
    needsDevice: true,
    moved: ({ iouPredictions, lowResLogits }) => [iouPredictions.buffer, lowResLogits.buffer],
  },
  propose: { needsDevice: true },
  select: { needsDevice: false },
  release: { needsDevice: false },
};

export type EngineMethodName = keyof EngineMethods;

/** The methods as functions. */
export type EngineCalls = Calls<EngineMethods>;

/** Makes all methods of one function, which is told which is called; that their types fit is up to it. */
export function eachEngineMethod(
  call: (name: EngineMethodName, request: never, options?: never) => Promise<unknown>,
): EngineCalls {
  const names = Object.keys(ENGINE_METHODS) as EngineMethodName[];
  return Object.fromEntries(
    names.map((name) => [name, (request: never, options?: never) => call(name, request, options)]),
  ) as unknown as EngineCalls;
}

/** A method of an engine by its name; that the request fits is up to the caller. */
export function engineMethod(
  engine: EngineCalls,
  name: EngineMethodName,
): (request: unknown, options?: unknown) => Promise<unknown> {
  return engine[name] as never;
}
