import { throwIfAborted } from "@segany/masks";
import { checkSameMasks, decodeKnown } from "./device-check.js";
import type { Engine } from "./types.js";

/** Options besides the two engines. */
export interface PreferOptions {
  /** Time limit for the other engine to open and decode the known prompt. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** The other engine, or the reason why it can't be used. */
export type PreferredEngine =
  | { readonly engine: Engine; readonly refusal?: undefined }
  | { readonly engine?: undefined; readonly refusal: string };

/**
 * Opens another engine for the same model and verifies its decoder: for a generated embedding it must return
 * the masks of the trusted engine. An engine that fails, differs or takes too long is closed. The trusted
 * engine stays open.
 *
 * @param openOther opens the preferred engine; its signal is aborted after the time limit
 * @throws SamError `aborted`; then both are closed
 */
export async function preferEngine(
  trusted: Engine,
  openOther: (signal: AbortSignal) => Promise<Engine>,
  { timeoutMs, signal }: PreferOptions,
): Promise<PreferredEngine> {
  const deadline = AbortSignal.timeout(timeoutMs);
  const stop = signal ? AbortSignal.any([deadline, signal]) : deadline;
  let other: Engine | undefined;
  try {
    const expected = await decodeKnown(trusted, signal);
    other = await openOther(stop);
    checkSameMasks(await decodeKnown(other, stop), expected);
    return { engine: other };
  } catch (error) {
    await other?.close();
    if (signal?.aborted) await trusted.close();
    throwIfAborted(signal);
    return { refusal: refusalOf(error, deadline, timeoutMs) };
  }
}

/** The reason why an attempt failed, for people. @param deadline aborted after the time limit */
export function refusalOf(error: unknown, deadline: AbortSignal, timeoutMs: number): string {
  if (deadline.aborted) return `it took more than ${timeoutMs / 1000} s`;
  return error instanceof Error ? error.message : String(error);
}
