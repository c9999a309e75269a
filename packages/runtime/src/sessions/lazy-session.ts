import type { Session } from "./types.js";

/** A session that is opened when first needed; after a failure the next call tries again. */
export interface LazySession {
  open(): Promise<Session>;
  close(): Promise<void>;
}

/**
 * @example
 * let opened = 0;
 * const session = lazySession(async () => {
 *   opened++;
 *   return { inputNames: [], outputNames: [], run: async () => ({}), close: async () => {} };
 * });
 * await Promise.all([session.open(), session.open()]);
 * console.log(opened); // 1
 */
export function lazySession(openSession: () => Promise<Session>): LazySession {
  let opening: Promise<Session> | undefined;
  return {
    open() {
      opening ??= openSession().catch((error: unknown) => {
        opening = undefined;
        throw error;
      });
      return opening;
    },
    async close() {
      const session = await opening;
      opening = undefined;
      await session?.close();
    },
  };
}
