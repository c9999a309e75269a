import { closedError } from "./closed-error.js";
import type { Engine } from "./types.js";

/** An engine that is opened when it is needed and closed when it has no more work. */
export interface TrustedEngine {
  /** @throws SamError `inference-failed` once it was ended, or why it can't be opened; the next call tries again */
  get(): Promise<Engine>;
  /** The one that is open, or is being opened. */
  current(): Promise<Engine> | undefined;
  /** Closes it until it is needed again. */
  close(): void;
  /** Closes it for good. */
  end(): void;
}

/** @param first is open */
export function createTrustedEngine(first: Engine, open: () => Promise<Engine>): TrustedEngine {
  let engine: Promise<Engine> | undefined = Promise.resolve(first);
  let hasEnded = false;

  function close(): void {
    void engine?.then((opened) => opened.close()).catch(() => undefined);
    engine = undefined;
  }

  return {
    async get() {
      if (hasEnded) throw closedError();
      engine ??= open().catch((error: unknown) => {
        engine = undefined;
        throw error;
      });
      return engine;
    },
    current: () => engine,
    close,
    end() {
      hasEnded = true;
      close();
    },
  };
}
