import type { Channel } from "./channel.js";
import { isToClient, type ToClient, type ToServer } from "./messages.js";
import type { CallOptions, Methods } from "./methods.js";
import { createPendingCalls } from "./pending-calls.js";
import { type ErrorClasses, fromPlainError } from "./plain-error.js";

/** The calling end of a protocol. */
export interface Client<M extends Methods<M>> {
  /**
   * @throws what the method throws on the other side, as an error of the same class, code, message, cause and stack;
   *   {@link ClientOptions.lost} when the other side ends first; {@link ClientOptions.aborted} for a signal that fires
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

/** Options of a call over a channel. */
export interface ClientCallOptions<Progress> extends CallOptions<Progress> {
  /** Memory of the request that is moved where the channel can; it is gone here afterwards. */
  readonly transfer?: readonly ArrayBufferLike[] | undefined;
}

/** How a client names its failures, and when it may end the other side. */
export interface ClientOptions {
  /** Classes that errors of the other side become again. */
  readonly errorClasses?: ErrorClasses;
  /** What a call fails with whose signal fired before it was answered. */
  readonly aborted: (signal: AbortSignal) => Error;
  /** What calls fail with that were pending when the other side ended, or come later. */
  readonly lost: (how: string) => Error;
  /** How long an aborted call may go on to its next step. Then it is abandoned: it fails, whatever the other side does. */
  readonly graceMs: number;
  /**
   * Asked when only abandoned calls are under way: whether the other side may be ended with all that it keeps; never by
   * default. A call that somebody waits for is not ended because of another.
   */
  readonly mayEnd?: () => boolean;
  readonly onNotice?: ((notice: unknown) => void) | undefined;
}

/** Connects to a server over a channel. Calls may overlap. */
export function createClient<M extends Methods<M>>(channel: Channel, options: ClientOptions): Client<M> {
  const { errorClasses, aborted, lost, graceMs, mayEnd = () => false, onNotice } = options;
  const calls = createPendingCalls((busy) => channel.setBusy?.(busy));
  const endListeners: ((how: string) => void)[] = [];
  let ended: string | undefined;
  const send = (message: ToServer, transfer?: readonly ArrayBufferLike[]) => channel.send(message, transfer);

  function abandon(id: number, error: unknown): void {
    calls.abandon(id, error);
    endIfAbandoned();
  }

  function endIfAbandoned(): boolean {
    const isWanted = ended !== undefined || !calls.areAbandoned() || !mayEnd();
    if (!isWanted) end("cancelled work did not stop");
    return !isWanted;
  }

  function tellProgress({ id, progress }: Extract<ToClient, { kind: "progress" }>): void {
    try {
      calls.get(id)?.onProgress?.(progress as never);
    } catch (error) {
      send({ kind: "cancel", id });
      abandon(id, error);
    }
  }

  function settle(message: Extract<ToClient, { kind: "reply" | "error" }>): void {
    const call = calls.take(message.id);
    if (message.kind === "reply") call?.resolve(message.reply);
    else call?.reject(fromPlainError(message.error, errorClasses));
    endIfAbandoned();
  }

  function finish(how: string): void {
    if (ended !== undefined) return;
    ended = how;
    for (const { reject } of calls.takeAll()) reject(lost(how));
    for (const tell of endListeners.splice(0)) tell(how);
  }

  function end(how: string): void {
    finish(how);
    channel.kill();
  }

  channel.onMessage((message) => {
    if (!isToClient(message)) return;
    if (message.kind === "notice") onNotice?.(message.notice);
    else if (message.kind === "progress") tellProgress(message);
    else settle(message);
  });
  channel.onClose(finish);
  return {
    call(method, request, { signal, onProgress, transfer } = {}) {
      if (ended !== undefined) return Promise.reject(lost(ended));
      if (signal?.aborted) return Promise.reject(aborted(signal));
      return new Promise((resolve, reject) => {
        const id = calls.add((id) => {
          const ask = () => send({ kind: "cancel", id });
          const unwatch = watch(signal, graceMs, ask, (fired) => abandon(id, aborted(fired)));
          return { resolve, reject, onProgress, unwatch };
        });
        try {
          send({ kind: "call", id, method, request }, transfer);
        } catch (error) {
          calls.take(id)?.reject(error); // the request holds something that can't be copied
        }
      });
    },
    get ended() {
      return ended;
    },
    onEnd: (listener) => void (ended === undefined ? endListeners.push(listener) : listener(ended)),
    whenIdle: calls.whenIdle,
    endIfAbandoned,
    end,
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
