import { isToClient, type ToClient } from "./messages.js";
import type { PendingCalls } from "./pending-calls.js";
import { type ErrorClasses, fromPlainError } from "./plain-error.js";

/** What a client does beside settling its calls. */
export interface ReceiverOptions {
  /** Classes that errors of the other side become again. */
  readonly errorClasses: ErrorClasses | undefined;
  readonly onNotice: ((notice: unknown) => void) | undefined;
  /** A call's progress callback threw. */
  readonly onCallbackError: (id: number, error: unknown) => void;
  /** The other side has answered a call, abandoned or not. */
  readonly onSettled: () => void;
}

/** Hands what arrives at a client to the calls that it belongs to. Messages of others are ignored. */
export function createReceiver(
  calls: Pick<PendingCalls, "get" | "take">,
  { errorClasses, onNotice, onCallbackError, onSettled }: ReceiverOptions,
): (message: unknown) => void {
  function tellProgress({ id, progress }: Extract<ToClient, { kind: "progress" }>): void {
    try {
      calls.get(id)?.onProgress?.(progress as never);
    } catch (error) {
      onCallbackError(id, error);
    }
  }

  function settle(message: Extract<ToClient, { kind: "reply" | "error" }>): void {
    const call = calls.take(message.id);
    if (message.kind === "reply") call?.resolve(message.reply);
    else call?.reject(fromPlainError(message.error, errorClasses));
    onSettled();
  }

  return (message) => {
    if (!isToClient(message)) return;
    if (message.kind === "notice") onNotice?.(message.notice);
    else if (message.kind === "progress") tellProgress(message);
    else settle(message);
  };
}
