import { throwIfAborted } from "@segany/masks";
import { closedError } from "./closed-error.js";
import { cancelled } from "./protocol.js";

/** A connection to the other side, until that ends. */
interface Connection {
  readonly client: { readonly ended: string | undefined; end(how: string): void };
}

/** One connection at a time, reconnected on demand after the other side has ended. */
export interface Connections<C extends Connection> {
  /**
   * Returns the connection; concurrent callers share one attempt. @throws SamError `aborted`, or the reason
   * why connecting failed
   */
  get(signal: AbortSignal | undefined): Promise<C>;
  /** The current connection. */
  current(): C | undefined;
  close(): void;
}

/** A connection attempt in progress. */
interface Attempt<C> {
  readonly connection: Promise<C>;
  readonly stop: AbortController;
  waiting: number;
}

/** Reason of an end by the caller. */
export const CLOSED = "it was closed";

/** @param open connects; its signal is aborted when nobody waits any more */
export function createConnections<C extends Connection>(
  open: (signal: AbortSignal) => Promise<C>,
): Connections<C> {
  let connection: C | undefined;
  let attempt: Attempt<C> | undefined;
  let isClosed = false;

  function begin(): Attempt<C> {
    const stop = new AbortController();
    const begun: Attempt<C> = { connection: open(stop.signal), stop, waiting: 0 };
    begun.connection.then(
      (made) => {
        if (attempt === begun && !isClosed) connection = made;
        else made.client.end(CLOSED); // the last waiting caller has given up
        drop(begun);
      },
      () => drop(begun), // the waiting callers get the error
    );
    return begun;
  }

  function drop(which: Attempt<C>): void {
    if (attempt === which) attempt = undefined;
  }

  async function share(signal: AbortSignal | undefined): Promise<C> {
    attempt ??= begin();
    const joined = attempt;
    joined.waiting++;
    try {
      return await unlessAborted(joined.connection, signal);
    } catch (error) {
      throw isClosed ? closedError() : error;
    } finally {
      joined.waiting--;
      if (joined.waiting === 0) {
        joined.stop.abort(); // no effect on an established connection
        drop(joined);
      }
    }
  }

  const live = () => (connection?.client.ended === undefined ? connection : undefined);
  return {
    async get(signal) {
      throwIfAborted(signal);
      if (isClosed) throw closedError();
      return live() ?? share(signal);
    },
    current: live,
    close() {
      isClosed = true;
      attempt?.stop.abort();
      connection?.client.end(CLOSED);
    },
  };
}

function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const stop = () => reject(cancelled(signal));
    signal.addEventListener("abort", stop, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", stop));
  });
}
