import { SamError, throwIfAborted } from "@segany/masks";
import {
  type CallOptions,
  type Channel,
  type Client,
  createClient,
  type EngineNotice,
} from "@segany/runtime";
import type { CropTimings } from "../proposals/types.js";
import { closedError } from "./closed-error.js";
import { CLOSED, createConnections } from "./connections.js";
import { createEmbeddingSender, type EmbeddingSender } from "./embedding-references.js";
import { type EngineMethodName, eachEngineMethod } from "./methods.js";
import { cancelled, type EngineProtocol } from "./protocol.js";
import type { Engine, ModelInfo } from "./types.js";

/**
 * Time that a cancelled call gets to finish its current step before the other side is ended, unless another
 * call needs it.
 */
const CANCEL_GRACE_MS = 800;

/** Starts a process or worker and returns the channel to it. */
export type ChannelOpener = () => Channel;

/** Options besides the channel and the description of the model. */
export interface RemoteEngineOptions {
  /** Cancels loading. */
  readonly signal?: AbortSignal | undefined;
  /** Called with downloads, sessions and notes during the engine's lifetime. */
  readonly onNotice?: ((notice: EngineNotice) => void) | undefined;
}

interface Connection {
  readonly client: Client<EngineProtocol>;
  readonly model: ModelInfo;
  readonly embeddings: EmbeddingSender;
  /** Numbers of the candidates that are kept there. */
  readonly candidates: Set<number>;
}

/**
 * The calling side: an engine whose work is done elsewhere. A cancelled call is told to stop between its
 * steps. If it does not stop, it fails anyway, and the other side is ended as soon as no other call waits for
 * it and it has no candidates; the next call starts a new one.
 */
export async function openRemoteEngine(
  openChannel: ChannelOpener,
  spec: unknown,
  { signal, onNotice }: RemoteEngineOptions = {},
): Promise<Engine> {
  const connections = createConnections((stop) => connect(openChannel, spec, stop, onNotice));
  const { model } = await connections.get(signal);

  function ask(
    { client, embeddings }: Connection,
    name: EngineMethodName,
    request: unknown,
    options: CallOptions<unknown> = {},
  ): Promise<unknown> {
    return embeddings.send(request, (message) => client.call(name, message, options));
  }

  const calls = eachEngineMethod(async (name, request, options: CallOptions = {}) =>
    ask(await connections.get(options.signal), name, request, options as CallOptions<unknown>),
  );
  return {
    ...calls,
    model,
    async propose(task, options = {}) {
      const connection = await connections.get(options.signal);
      connection.candidates.add(task.searchId);
      return (await ask(connection, "propose", task, options as CallOptions<unknown>)) as CropTimings;
    },
    async release(searchId) {
      const connection = connections.current();
      if (!connection?.candidates.delete(searchId)) return; // lost with the process that held them
      if (!connection.client.endIfAbandoned()) await calls.release(searchId);
    },
    async close() {
      connections.close();
    },
  };
}

async function connect(
  openChannel: ChannelOpener,
  spec: unknown,
  stop: AbortSignal,
  onNotice: ((notice: EngineNotice) => void) | undefined,
): Promise<Connection> {
  const candidates = new Set<number>();
  const client = createClient<EngineProtocol>(openChannel(), {
    errorClasses: { SamError },
    aborted: cancelled,
    lost: (how) => (how === CLOSED ? closedError() : lostError(how)),
    graceMs: CANCEL_GRACE_MS,
    mayEnd: () => candidates.size === 0,
    onNotice: (notice) => onNotice?.(notice as EngineNotice),
  });
  const end = () => client.end(CLOSED);
  stop.addEventListener("abort", end, { once: true });
  try {
    const model = await client.call("load", spec);
    return { client, model, candidates, embeddings: createEmbeddingSender() };
  } catch (error) {
    end();
    throwIfAborted(stop);
    throw error;
  } finally {
    stop.removeEventListener("abort", end);
  }
}

/** How a process ends when the system or the runtime runs out of memory. */
const OUT_OF_MEMORY = /SIGKILL|SIGABRT|status 13[47]|memory|alloc/i;

function lostError(how: string): SamError {
  const hint = OUT_OF_MEMORY.test(how)
    ? "Its memory may have run out: try a smaller model or fewer points per batch."
    : "The next call starts another one.";
  return new SamError(
    "inference-failed",
    `The process or worker that runs the model has ended (${how}). ${hint}`,
  );
}
