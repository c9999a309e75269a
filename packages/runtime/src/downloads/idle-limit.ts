import { SamError } from "@segany/masks";

/** How long a server may send nothing before its connection is given up. */
export const DEFAULT_IDLE_TIMEOUT_MS = 20_000;
/** Connections that bring nothing, one after the other, before the server counts as silent. */
export const MAX_SILENT_CONNECTIONS = 3;

const STALLED = "stalled";

/** Whether an error is that of {@link withIdleLimit}. */
export function isStalled(error: unknown): boolean {
  return error instanceof SamError && error.cause === STALLED;
}

/**
 * Runs work that waits for a server, and stops it when nothing arrives for a while.
 *
 * @param work is to call `arrived` whenever something has come, and to end when its signal fires
 * @throws SamError `download-failed` when nothing arrives for `idleMs`; whatever the work throws
 */
export async function withIdleLimit<T>(
  idleMs: number,
  signal: AbortSignal | undefined,
  work: (signal: AbortSignal, arrived: () => void) => Promise<T>,
): Promise<T> {
  const idle = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const arrived = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => idle.abort(stalled(idleMs)), idleMs);
  };
  const silence = new Promise<never>((_, reject) => {
    idle.signal.addEventListener("abort", () => reject(idle.signal.reason), { once: true });
  });
  arrived();
  try {
    return await Promise.race([
      work(AbortSignal.any([idle.signal, ...(signal ? [signal] : [])]), arrived),
      silence,
    ]);
  } catch (error) {
    throw idle.signal.aborted && !signal?.aborted ? idle.signal.reason : error;
  } finally {
    clearTimeout(timer);
  }
}

function stalled(idleMs: number): SamError {
  return new SamError("download-failed", `the server sent nothing for ${idleMs / 1000} s`, {
    cause: STALLED,
  });
}
