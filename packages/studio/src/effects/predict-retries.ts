import { StudioError } from "../errors.js";
import type { OpenImage } from "../segmentation/types.js";
import type { Draft } from "../state/document.js";
import type { StudioStore } from "../state/studio-store.js";
import type { AskingAgain } from "../state/types.js";
import { MAX_ATTEMPTS, passingReason, retryDelayMs } from "./retry-delay.js";

/** Which question failed, and when it may be asked again. */
export interface Retries {
  /**
   * Whether a question may be asked now. If not yet, it is looked at again when it may. To be asked for every
   * question that there is, and for none: nothing is left of one that failed when another has taken its
   * place.
   *
   * @param image the one that would answer; null when there is no question
   */
  mayAsk(draft: Draft, image: OpenImage | null): boolean;
  /** @returns whether it will be asked again by itself */
  failed(error: unknown, draft: Draft, image: OpenImage): boolean;
  close(): void;
}

interface Failure {
  readonly draft: Draft;
  readonly image: OpenImage;
  readonly attempts: number;
  /** null when the question is given up. */
  readonly again: { readonly reason: AskingAgain["reason"]; readonly atMs: number } | null;
  /** Until then the server wants no other question either. */
  readonly heldUntilMs: number;
}

/** @param look is called when a question is due */
export function createRetries(store: StudioStore, look: () => void): Retries {
  let failure: Failure | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function show(askingAgain: AskingAgain | null): void {
    clearTimeout(timer);
    if (askingAgain) timer = setTimeout(look, askingAgain.atMs - Date.now());
    if (store.getState().askingAgain !== askingAgain) store.set(() => ({ askingAgain }));
  }

  /** When the question is due, and as which attempt; null when it is now. */
  function waitFor({ draft, attempts, again, heldUntilMs }: Failure, asked: Draft): AskingAgain | null {
    if (!again) return null;
    const isAnother = draft !== asked;
    const atMs = isAnother ? heldUntilMs : again.atMs;
    if (atMs <= Date.now()) return null;
    const attempt = isAnother ? 1 : attempts + 1;
    return { reason: again.reason, atMs, attempt, attempts: MAX_ATTEMPTS };
  }

  return {
    mayAsk(draft, image) {
      if (failure?.image !== image) failure = null;
      const waiting = failure && waitFor(failure, draft);
      show(waiting);
      return waiting === null && (failure?.draft !== draft || failure.again !== null);
    },
    failed(error, draft, image) {
      const attempts = (failure?.draft === draft ? failure.attempts : 0) + 1;
      const now = Date.now();
      const reason = passingReason(error);
      const retryAfterMs = error instanceof StudioError ? error.retryAfterMs : null;
      const delayMs = reason && retryDelayMs(retryAfterMs, attempts);
      const again = reason && delayMs !== null ? { reason, atMs: now + delayMs } : null;
      failure = { draft, image, attempts, again, heldUntilMs: now + (retryAfterMs ?? 0) };
      return again !== null;
    },
    close: () => clearTimeout(timer),
  };
}
