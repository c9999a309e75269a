import type { Channel } from "./channel.js";
import { createLifetime } from "./lifetime.js";
import type { Methods } from "./methods.js";
import { createPendingCalls } from "./pending-calls.js";
import type { ErrorClasses } from "./plain-error.js";
import { createReceiver } from "./receiver.js";
import { type ClientCallOptions, createSender } from "./sender.js";

/** The calling end of a protocol. */
export interface Client<M extends Methods<M>> {
  /**
   * @throws what the method throws on the other side, as an error of the same class, code, message, cause and
   *   stack; {@link ClientOptions.lost} when the other side ends first; {@link ClientOptions.aborted} for a
   *   signal that fires
   */
  call<Name extends keyof M & string>(
    method: Name,
    request: M[Name]["request"],
    options?: ClientCallOptions<M[Name]["progress"]>,
  ): Promise<M[Name]["reply"]>;
  /** How the other side ended; undefined while it lives. */
  readonly ended: string | undefined;
  /** Hears once how the other side ended. */
  onEnd(listener: (how: string) => void): void;
  /** Resolves when the other side has nothing under way, abandoned calls included, or has ended. */
  whenIdle(): Promise<void>;
  /** Ends the other side if it has only abandoned calls under way and `mayEnd` allows it. */
  endIfAbandoned(): boolean;
  /** Ends the other side. What is pending fails with `lost(how)`. */
  end(how: string): void;
}

/** How a client names its failures, and when it may end the other side. */
export interface ClientOptions {
  /** Classes that errors of the other side become again. */
  readonly errorClasses?: ErrorClasses;
  /** What a call fails with whose signal fired before it was answered. */
  readonly aborted: (signal: AbortSignal) => Error;
  /** What calls fail with that were pending when the other side ended, or come later. */
  readonly lost: (how: string) => Error;
  /**
   * How long an aborted call may go on to its next step. Then it is abandoned: it fails, whatever the other
   * side does.
   */
  readonly graceMs: number;
  /**
   * Asked when only abandoned calls are under way: whether the other side may be ended with all that it
   * keeps; never by default. A call that somebody waits for is not ended because of another.
   */
  readonly mayEnd?: () => boolean;
  readonly onNotice?: ((notice: unknown) => void) | undefined;
}

/**
 * Connects to a server over a channel. Calls may overlap.
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
export function createClient<M extends Methods<M>>(channel: Channel, options: ClientOptions): Client<M> {
  const { errorClasses, aborted, lost, graceMs, mayEnd = () => false, onNotice } = options;
  const lifetime = createLifetime();
  const calls = createPendingCalls((busy) => channel.setBusy?.(busy));
  const sender = createSender(channel, calls, { aborted, graceMs, onAbandoned: endIfAbandoned });
  const receive = createReceiver(calls, {
    errorClasses,
    onNotice,
    onCallbackError: sender.cancel,
    onSettled: endIfAbandoned,
  });

  function endIfAbandoned(): boolean {
    const isWanted = lifetime.ended !== undefined || !calls.areAbandoned() || !mayEnd();
    if (!isWanted) end("cancelled work did not stop");
    return !isWanted;
  }

  function end(how: string): void {
    lifetime.end(how);
    channel.kill();
  }

  lifetime.onEnd((how) => {
    for (const { reject } of calls.takeAll()) reject(lost(how));
  });
  channel.onMessage(receive);
  channel.onClose(lifetime.end);
  return {
    call(method, request, callOptions = {}) {
      if (lifetime.ended !== undefined) return Promise.reject(lost(lifetime.ended));
      return sender.call(method, request, callOptions);
    },
    get ended() {
      return lifetime.ended;
    },
    onEnd: lifetime.onEnd,
    whenIdle: calls.whenIdle,
    endIfAbandoned,
    end,
  };
}
