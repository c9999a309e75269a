import { type MaskRecord, SamError } from "@segany/masks";
import type { Channel, EngineNotice } from "@segany/runtime";
import type { ImageEmbedding } from "../embeddings/image-embedding.js";
import type { DecodedMasks } from "../model/decoded-masks.js";
import { type CropProgress, type CropTimings, isEmbedding } from "../proposals/types.js";
import { closedError } from "./closed-error.js";
import { createEmbeddingSender, type EmbeddingSender } from "./embedding-references.js";
import type { EngineReply, EngineRequest, RemoteCall } from "./messages.js";
import type { Engine, EngineCallOptions, ModelInfo } from "./types.js";

/** How long a cancelled call may go on to its next step before the worker is ended. */
const CANCEL_GRACE_MS = 800;

interface Pending {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly onProgress?: ((progress: CropProgress) => void) | undefined;
}

/** Starts a worker and gives the channel to it. */
export type ChannelOpener = () => Channel<EngineRequest, EngineReply>;

/** What opening takes beside the channel and the description of the model. */
export interface RemoteEngineOptions {
  /** Breaks off loading. */
  readonly signal?: AbortSignal | undefined;
  /** Told of downloads, sessions and notes as long as the engine lives. */
  readonly onNotice?: ((notice: EngineNotice) => void) | undefined;
}

/**
 * The calling side: an engine whose work is done elsewhere. A cancelled call is asked to stop between its steps; one
 * that does not is ended together with its worker, and the next call starts a new one, where candidates that were
 * proposed before are gone.
 */
export async function openRemoteEngine(
  openChannel: ChannelOpener,
  spec: unknown,
  { signal, onNotice }: RemoteEngineOptions = {},
): Promise<Engine> {
  let connection = await connect(openChannel, spec, { signal, onNotice });
  let closed = false;

  async function open(signal: AbortSignal | undefined): Promise<Connection> {
    if (closed) throw closedError();
    if (connection.isGone()) connection = await connect(openChannel, spec, { signal, onNotice });
    return connection;
  }

  return {
    model: connection.model,
    async encode(image, options = {}) {
      const { call, embeddings } = await open(options.signal);
      const keep = embeddings.announce();
      const embedding = (await call({ method: "encode", image, keep }, options)) as ImageEmbedding;
      embeddings.bind(keep.id, embedding);
      return embedding;
    },
    async decode(embedding, prompts, masks, options = {}) {
      const { call, embeddings } = await open(options.signal);
      return (await call(
        { method: "decode", embedding: embeddings.refer(embedding), prompts, masks },
        options,
      )) as DecodedMasks;
    },
    async propose({ input, ...task }, options = {}) {
      const { call, embeddings } = await open(options.signal);
      const request: RemoteCall = isEmbedding(input)
        ? { method: "propose-embedded", task, embedding: embeddings.refer(input) }
        : { method: "propose", task, image: input };
      return (await call(request, options)) as CropTimings;
    },
    async select(proposals, selection, behaviour) {
      const { call } = await open(undefined);
      return (await call({ method: "select", proposals, selection, behaviour })) as MaskRecord[];
    },
    async release(proposals) {
      if (!closed && !connection.isGone()) await connection.call({ method: "release", proposals });
    },
    async close() {
      closed = true;
      connection.kill();
    },
  };
}

type CallOptions = EngineCallOptions & { readonly onProgress?: (progress: CropProgress) => void };
interface Connection {
  readonly model: ModelInfo;
  readonly embeddings: EmbeddingSender;
  call(call: RemoteCall, options?: CallOptions): Promise<unknown>;
  isGone(): boolean;
  kill(): void;
}

async function connect(
  openChannel: ChannelOpener,
  spec: unknown,
  { signal, onNotice }: RemoteEngineOptions,
): Promise<Connection> {
  const channel = openChannel();
  const pending = new Map<number, Pending>();
  let serial = 0;
  let gone = false;

  function endAll(reason: SamError): void {
    gone = true;
    for (const { reject } of pending.values()) reject(reason);
    pending.clear();
  }

  channel.onMessage((reply) => {
    if (reply.kind === "notice") onNotice?.(reply.notice);
    else settle(pending, reply);
  });
  channel.onClose((reason) =>
    endAll(
      new SamError(
        "inference-failed",
        `The process or worker that runs the model has ended (${reason}). Its memory may have run out: try a smaller model or fewer points a batch.`,
      ),
    ),
  );

  function ask(
    make: (id: number) => EngineRequest,
    { signal: callSignal, onProgress }: CallOptions = {},
  ): Promise<unknown> {
    if (callSignal?.aborted) return Promise.reject(cancelled(callSignal));
    const id = serial++;
    return new Promise((resolve, reject) => {
      const stop = () => cancel(id, callSignal);
      const finish =
        <T>(then: (value: T) => void) =>
        (value: T) => {
          callSignal?.removeEventListener("abort", stop);
          then(value);
        };
      pending.set(id, { resolve: finish(resolve), reject: finish(reject), onProgress });
      callSignal?.addEventListener("abort", stop, { once: true });
      channel.send(make(id));
    });
  }

  function cancel(id: number, callSignal: AbortSignal | undefined): void {
    channel.send({ kind: "cancel", id });
    setTimeout(() => {
      const call = pending.get(id);
      if (!call) return;
      pending.delete(id);
      call.reject(cancelled(callSignal));
      channel.kill();
    }, CANCEL_GRACE_MS);
  }

  try {
    const model = (await ask((id) => ({ kind: "load", id, spec }), { signal })) as ModelInfo;
    return {
      model,
      embeddings: createEmbeddingSender(),
      call: (call, options) => ask((id) => ({ kind: "call", id, call }), options),
      isGone: () => gone,
      kill: () => channel.kill(),
    };
  } catch (error) {
    channel.kill();
    throw error;
  }
}

function settle(pending: Map<number, Pending>, reply: Exclude<EngineReply, { kind: "notice" }>): void {
  const call = pending.get(reply.id);
  if (!call) return;
  if (reply.kind === "progress") {
    call.onProgress?.(reply.progress);
    return;
  }
  pending.delete(reply.id);
  switch (reply.kind) {
    case "loaded":
      call.resolve(reply.model);
      return;
    case "result":
      call.resolve(reply.value);
      return;
    case "error": {
      const error = new SamError(reply.error.code, reply.error.message);
      if (reply.error.stack) error.stack = reply.error.stack;
      call.reject(error);
    }
  }
}

function cancelled(signal: AbortSignal | undefined): SamError {
  return new SamError("aborted", "The work was cancelled.", { cause: signal?.reason });
}
