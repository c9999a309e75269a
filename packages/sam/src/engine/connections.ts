import { throwIfAborted } from "@segany/masks";
import { closedError } from "./closed-error.js";
import { cancelled } from "./protocol.js";

/** What leads to the other side, until that ends. */
interface Connection {
  readonly client: { readonly ended: string | undefined; end(how: string): void };
}

/** One connection at a time, made again when the other side has ended and somebody asks. */
export interface Connections<C extends Connection> {
  /** Whoever asks while one is being made waits for the same. @throws SamError `aborted`, or why it can't be made */
  get(signal: AbortSignal | undefined): Promise<C>;
  /** That which is there now. */
  current(): C | undefined;
  close(): void;
}

/** One that is being made. */
interface Attempt<C> {
  readonly connection: Promise<C>;
  readonly stop: AbortController;
  waiting: number;
}

/** How a connection is ended by its own side. */
export const CLOSED = "it was closed";

/** @param open makes a connection; its signal fires when nobody waits for it any more */
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
        else made.client.end(CLOSED); // the last who waited gave up just now
        drop(begun);
      },
      () => drop(begun), // whoever waits hears why
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
        joined.stop.abort(); // without effect on what has been made
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
