import { closedError } from "./closed-error.js";
import type { Engine } from "./types.js";

/** An engine that is opened on demand and closed when it is idle. */
export interface TrustedEngine {
  /**
   * @throws SamError `inference-failed` after `end`, or the reason why it can't be opened; the next call
   *   retries
   */
  get(): Promise<Engine>;
  /** The engine that is open or being opened. */
  current(): Promise<Engine> | undefined;
  /** Closes it until it is needed again. */
  close(): void;
  /** Closes it for good. */
  end(): void;
}

/** @param first an open engine */
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
