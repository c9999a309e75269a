import { SamError } from "@segany/masks";
import type { Channel } from "@segany/runtime";
import type { DecodedMasks } from "../model/decoded-masks.js";
import { createEmbeddingReceiver, type EmbeddingReceiver } from "./embedding-references.js";
import type { EngineLoader, EngineReply, EngineRequest, RemoteCall, TransportedError } from "./messages.js";
import type { Engine } from "./types.js";

/**
 * The working side: answers requests over a channel with an engine of its own. Requests run one after another, since
 * a device does one thing at a time; a cancel takes effect between two steps of the running one, or before it starts.
 * What needs no device, picking and forgetting candidates, is answered between the steps of what runs: so one image's
 * masks can be picked while the next image is decoded.
 */
export function serveEngine(
  channel: Pick<Channel<EngineReply, EngineRequest>, "send" | "onMessage">,
  loadEngine: EngineLoader,
): void {
  const running = new Map<number, AbortController>();
  const embeddings = createEmbeddingReceiver();
  let engine: Engine | undefined;
  let queue: Promise<void> = Promise.resolve();

  async function answer(
    request: Exclude<EngineRequest, { kind: "cancel" }>,
    signal: AbortSignal,
  ): Promise<EngineReply> {
    const { id } = request;
    if (signal.aborted) throw new SamError("aborted", "The work was cancelled.");
    if (request.kind === "load") {
      engine = await loadEngine(request.spec, signal, (notice) => channel.send({ kind: "notice", notice }));
      return { kind: "loaded", id, model: engine.model };
    }
    if (!engine) throw new SamError("inference-failed", "The model was asked before it was loaded.");
    const onProgress = (progress: Extract<EngineReply, { kind: "progress" }>["progress"]) =>
      channel.send({ kind: "progress", id, progress });
    return {
      kind: "result",
      id,
      value: await perform(engine, embeddings, request.call, { signal, onProgress }),
    };
  }

  async function handle(
    request: Exclude<EngineRequest, { kind: "cancel" }>,
    controller: AbortController,
  ): Promise<void> {
    try {
      const reply = await answer(request, controller.signal);
      channel.send(reply, transferable(request, reply));
    } catch (error) {
      channel.send({ kind: "error", id: request.id, error: transport(error) });
    } finally {
      running.delete(request.id);
    }
  }

  channel.onMessage((request) => {
    if (request.kind === "cancel") {
      running.get(request.id)?.abort();
      return;
    }
    const controller = new AbortController();
    running.set(request.id, controller);
    if (engine && needsNoDevice(request)) void handle(request, controller);
    else queue = queue.then(() => handle(request, controller));
  });
}

/** Decoded masks are made for the caller alone; embeddings are kept here too. */
function transferable(request: EngineRequest, reply: EngineReply): readonly ArrayBufferLike[] {
  if (request.kind !== "call" || request.call.method !== "decode" || reply.kind !== "result") return [];
  const { iouPredictions, lowResLogits } = reply.value as DecodedMasks;
  return [iouPredictions.buffer, lowResLogits.buffer];
}

function needsNoDevice(request: EngineRequest): boolean {
  return request.kind === "call" && (request.call.method === "select" || request.call.method === "release");
}

type CallOptions = NonNullable<Parameters<Engine["propose"]>[1]>;

async function perform(
  engine: Engine,
  embeddings: EmbeddingReceiver,
  call: RemoteCall,
  options: CallOptions,
): Promise<unknown> {
  switch (call.method) {
    case "encode": {
      const embedding = await engine.encode(call.image, options);
      embeddings.keep(call.keep, embedding);
      return embedding;
    }
    case "decode":
      return engine.decode(embeddings.resolve(call.embedding), call.prompts, call.masks, options);
    case "propose":
      return engine.propose({ ...call.task, input: call.image }, options);
    case "propose-embedded":
      return engine.propose({ ...call.task, input: embeddings.resolve(call.embedding) }, options);
    case "select":
      return engine.select(call.proposals, call.selection, call.behaviour);
    case "release":
      return engine.release(call.proposals);
  }
}

function transport(error: unknown): TransportedError {
  if (error instanceof SamError) return { code: error.code, message: error.message, stack: error.stack };
  const cause = error instanceof Error ? error : new Error(String(error));
  return { code: "inference-failed", message: cause.message, stack: cause.stack };
}
