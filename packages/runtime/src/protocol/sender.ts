import type { Channel } from "./channel.js";
import type { ToServer } from "./messages.js";
import type { CallOptions } from "./methods.js";
import type { PendingCall, PendingCalls } from "./pending-calls.js";

/** Options of a call over a channel. */
export interface ClientCallOptions<Progress> extends CallOptions<Progress> {
  /** Memory of the request that is moved where the channel can; it is gone here afterwards. */
  readonly transfer?: readonly ArrayBufferLike[] | undefined;
}

/** Sends calls, and cancels them. */
export interface Sender {
  /** @returns the reply, whose type is up to the caller */
  call<Reply>(method: string, request: unknown, options: ClientCallOptions<never>): Promise<Reply>;
  /** Asks the other side to stop, and fails the call without waiting for it. */
  cancel(id: number, error: unknown): void;
}

/** How a call ends whose signal fires. */
export interface SenderOptions {
  readonly aborted: (signal: AbortSignal) => Error;
  /** How long the other side may take to stop when asked. */
  readonly graceMs: number;
  /** A call was failed that the other side may still have under way. */
  readonly onAbandoned: () => void;
}

export function createSender(
  channel: Pick<Channel, "send">,
  calls: Pick<PendingCalls, "add" | "take" | "abandon">,
  { aborted, graceMs, onAbandoned }: SenderOptions,
): Sender {
  const send = (message: ToServer, transfer?: readonly ArrayBufferLike[]) => channel.send(message, transfer);
  const ask = (id: number) => send({ kind: "cancel", id });

  function abandon(id: number, error: unknown): void {
    calls.abandon(id, error);
    onAbandoned();
  }

  return {
    call(method, request, { signal, onProgress, transfer }) {
      if (signal?.aborted) return Promise.reject(aborted(signal));
      return new Promise((resolve, reject) => {
        const id = calls.add((id) => {
          const giveUp = (fired: AbortSignal) => abandon(id, aborted(fired));
          const unwatch = watch(signal, graceMs, () => ask(id), giveUp);
          return { resolve: resolve as PendingCall["resolve"], reject, onProgress, unwatch };
        });
        try {
          send({ kind: "call", id, method, request }, transfer);
        } catch (error) {
          calls.take(id)?.reject(error); // the request holds something that can't be copied
        }
      });
    },
    cancel(id, error) {
      ask(id);
      abandon(id, error);
    },
  };
}

/** Asks when a signal fires, and gives up some time after. @returns ends the watch */
function watch(
  signal: AbortSignal | undefined,
  graceMs: number,
  ask: () => void,
  giveUp: (signal: AbortSignal) => void,
): () => void {
  if (!signal) return () => undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const onAbort = () => {
    ask();
    timer = setTimeout(() => giveUp(signal), graceMs);
  };
  signal.addEventListener("abort", onAbort, { once: true });
  return () => {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
  };
}
