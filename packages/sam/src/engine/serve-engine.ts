import { SamError } from "@segany/masks";
import { type HandlerContext, type Handlers, messageOf, type ServingChannel, serve } from "@segany/runtime";
import { nextTurn } from "../proposals/propose-crop.js";
import { createEmbeddingReceiver, type RemoteRequest } from "./embedding-references.js";
import { ENGINE_METHODS, type EngineMethodName, eachEngineMethod, engineMethod } from "./methods.js";
import type { EngineLoader, EngineProtocol } from "./protocol.js";
import { createTurns } from "./turns.js";
import type { Engine } from "./types.js";

/**
 * The working side: handles calls over a channel with its own engine. Methods that need the device run one
 * after another; a cancellation takes effect between two steps of the running one, or before it starts.
 * Between the steps of a search, prompts and images that wait are answered first, and their replies have left
 * before the next step, so that a click takes a step and not a search. Methods that need no device
 * (selecting and releasing candidates) run between all steps, so that one image's masks can be selected while
 * the next image is decoded.
 */
export function serveEngine(channel: ServingChannel, loadEngine: EngineLoader): void {
  const turns = createTurns(async () => {
    await nextTurn(); // the reply is sent after the work
    await channel.flush?.();
  });
  const embeddings = createEmbeddingReceiver();
  let engine: Engine | undefined;

  async function answer(
    name: EngineMethodName,
    message: RemoteRequest,
    { signal, onProgress, transfer }: HandlerContext<unknown>,
  ): Promise<unknown> {
    const request = embeddings.receive(message);
    const { turn, moved } = ENGINE_METHODS[name];
    const run = async (pause?: () => Promise<void>) => {
      if (!engine) throw new SamError("inference-failed", "The model was called before it was loaded.");
      const reply = await engineMethod(engine, name)(request, { signal, onProgress, pause });
      embeddings.keep(message, reply);
      transfer(...(moved?.(reply as never) ?? []));
      return reply;
    };
    return turn === "none" ? run() : turns[turn](signal, run);
  }

  const handlers = {
    ...(eachEngineMethod(answer as never) as unknown as Omit<Handlers<EngineProtocol>, "load">),
    load: (spec: unknown, { signal }: HandlerContext<never>) =>
      turns.short(signal, async () => {
        engine = await loadEngine(spec, signal, serving.notify);
        return engine.model;
      }),
  };
  const serving = serve<EngineProtocol>(channel, handlers, { errorOf: samErrorOf });
}

/** Wraps foreign errors in ours, with the thrown value as the cause. */
function samErrorOf(thrown: unknown): SamError {
  if (thrown instanceof SamError) return thrown;
  return new SamError("inference-failed", messageOf(thrown), { cause: thrown });
}
