import { throwIfAborted } from "@segany/masks";
import { checkSameMasks, decodeKnown } from "./device-check.js";
import type { Engine } from "./types.js";

/** What preferring takes beside the two engines. */
export interface PreferOptions {
  /** How long the other engine may take to open and to decode the known prompt. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** The other engine, if it is to be used, or why it is not. */
export type PreferredEngine =
  | { readonly engine: Engine; readonly refusal?: undefined }
  | { readonly engine?: undefined; readonly refusal: string };

/**
 * Opens another engine for the same model and tells whether its decoder proves right: it has to give the masks of a
 * made-up embedding that the trusted engine gives. One that fails, differs or takes too long is closed. The trusted one
 * stays open.
 *
 * @param openOther opens the engine to be preferred; its signal fires when that has taken too long
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

/** Why an attempt failed, for people. @param deadline fires when it has taken too long */
export function refusalOf(error: unknown, deadline: AbortSignal, timeoutMs: number): string {
  if (deadline.aborted) return `it took more than ${timeoutMs / 1000} s`;
  return error instanceof Error ? error.message : String(error);
}
