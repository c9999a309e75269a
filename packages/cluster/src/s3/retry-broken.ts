import { setTimeout } from "node:timers/promises";

/** Content of which a part is missing. */
export class BrokenError extends Error {}

const MAX_ATTEMPTS = 5;
const FIRST_PAUSE_MS = 200;

/**
 * Reads content again that broke off, with growing and random pauses: the client itself tries only up to an
 * answer's beginning again.
 */
export async function retryBroken<T>(read: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await read();
    } catch (error) {
      if (attempt === MAX_ATTEMPTS || !isBroken(error)) throw error;
      await setTimeout(FIRST_PAUSE_MS * 2 ** attempt * Math.random());
    }
  }
}

function isBroken(error: unknown): boolean {
  const { code = "", message } = error as NodeJS.ErrnoException;
  if (error instanceof BrokenError || message === "aborted") return true;
  return ["ECONNRESET", "EPIPE", "ETIMEDOUT", "ERR_STREAM_PREMATURE_CLOSE"].includes(code);
}
