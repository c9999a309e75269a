import type { ServingChannel } from "./channel.js";
import { isToServer, type ToClient, type ToServer } from "./messages.js";
import type { Methods } from "./methods.js";
import { toPlainError } from "./plain-error.js";

/** What a handler gets beside the request. */
export interface HandlerContext<Progress> {
  /** Fires when the caller has lost interest. */
  readonly signal: AbortSignal;
  readonly onProgress: (progress: Progress) => void;
  /** Has memory of the reply moved where the channel can; it is gone here afterwards. */
  readonly transfer: (...buffers: readonly ArrayBufferLike[]) => void;
}

/** The implementation of a protocol. Handlers are called as requests arrive and may overlap. */
export type Handlers<M extends Methods<M>> = {
  readonly [Name in keyof M]: (
    request: M[Name]["request"],
    context: HandlerContext<M[Name]["progress"]>,
  ) => Promise<M[Name]["reply"]>;
};

export interface ServeOptions {
  /** What is told of something that was thrown; itself by default. */
  readonly errorOf?: (thrown: unknown, method: string) => unknown;
}

/** The serving end of a protocol. */
export interface Serving {
  /** Tells something beside the answers. */
  notify(notice: unknown): void;
}

type AnyHandler = (request: unknown, context: HandlerContext<unknown>) => Promise<unknown>;

/**
 * Answers the calls that arrive on a channel.
 *
 * @example
 * interface Doubling {
 *   readonly double: Method<number, number>;
 * }
 * const { port1, port2 } = new MessageChannel();
 * const over = (port: MessagePort): Channel => ({
 *   send: (message) => port.postMessage(message),
 *   onMessage(listener) {
 *     port.onmessage = ({ data }) => listener(data);
 *   },
 *   onClose: () => undefined,
 *   kill: () => port.close(),
 * });
 * serve<Doubling>(over(port2), { double: async (number) => 2 * number });
 * const client = createClient<Doubling>(over(port1), {
 *   aborted: () => new Error("aborted"),
 *   lost: (how) => new Error(`The other side ended: ${how}.`),
 *   graceMs: 1000,
 * });
 * console.log(await client.call("double", 21)); // 42
 * client.end("no longer needed");
 */
export function serve<M extends Methods<M>>(
  channel: ServingChannel,
  handlers: Handlers<M>,
  { errorOf = (thrown) => thrown }: ServeOptions = {},
): Serving {
  const running = new Map<number, AbortController>();
  const send = (message: ToClient, transfer?: readonly ArrayBufferLike[]) => channel.send(message, transfer);

  async function answer({ id, method, request }: Extract<ToServer, { kind: "call" }>): Promise<void> {
    const controller = new AbortController();
    running.set(id, controller);
    const moved: ArrayBufferLike[] = [];
    try {
      const reply = await handlerOf(handlers, method)(request, {
        signal: controller.signal,
        onProgress: (progress) => send({ kind: "progress", id, progress }),
        transfer: (...buffers) => void moved.push(...buffers),
      });
      send({ kind: "reply", id, reply }, moved);
    } catch (error) {
      send({ kind: "error", id, error: toPlainError(errorOf(error, method)) });
    } finally {
      running.delete(id);
    }
  }

  channel.onMessage((message) => {
    if (!isToServer(message)) return;
    if (message.kind === "cancel") running.get(message.id)?.abort();
    else void answer(message);
  });
  return { notify: (notice) => send({ kind: "notice", notice }) };
}

function handlerOf(handlers: object, method: string): AnyHandler {
  if (!Object.hasOwn(handlers, method)) throw new Error(`There is no method "${method}".`);
  return (handlers as Readonly<Record<string, AnyHandler>>)[method]!;
}
