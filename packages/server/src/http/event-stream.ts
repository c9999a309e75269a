import type { ServerResponse } from "node:http";

/** Bytes that are handed to a connection at a time; the rest of an event stays shared by all who are to hear it. */
const SLICE_BYTES = 64 * 1024;

/** Server-sent events on one answer. */
export interface EventStream {
  /**
   * Sends an event as soon as the client takes it. One of the same name that waits is replaced, so that a client that
   * reads slowly hears the last of each name.
   */
  send(event: string, data: object): void;
  /** Ends the answer when the client has taken what was sent. */
  end(): void;
  /** Called once, when the client has gone or the stream has ended. */
  onClose(listener: () => void): void;
}

/** A stream as the server sees it. */
export interface OpenStream extends EventStream {
  /** Since when the client has taken nothing of what waits for it, `performance.now()`; undefined while nothing waits. */
  readonly stalledSinceMs: number | undefined;
  /** The texts that wait, shared with other streams. */
  waiting(): Iterable<Buffer>;
  /** Keeps the connection open where nothing happens. */
  beat(): void;
  /** Cuts the client off; it may ask again. */
  drop(): void;
}

interface Frame {
  readonly event: string;
  readonly body: Buffer;
}

/**
 * Writes events to an answer whose head is written.
 *
 * @param bodyOf the text of an event's data, the same bytes for every stream
 * @param lastId number of the last event that the client has heard; each has one, and a client that is cut off says it
 */
export function createEventStream(
  raw: ServerResponse,
  bodyOf: (data: object) => Buffer,
  lastId: number,
): OpenStream {
  const queue = new Map<string, Frame>();
  let current: Frame | undefined;
  let offset = 0;
  let id = lastId;
  let stalledSinceMs: number | undefined;
  let isEnding = false;

  function write(bytes: Buffer | string): void {
    if (!raw.write(bytes)) stalledSinceMs ??= performance.now();
  }

  function next(): Frame | undefined {
    const frame = queue.values().next().value;
    if (!frame) return undefined;
    queue.delete(frame.event);
    offset = 0;
    write(`id: ${++id}\nevent: ${frame.event}\ndata: `);
    return frame;
  }

  function pump(): void {
    while (stalledSinceMs === undefined && !raw.destroyed) {
      current ??= next();
      if (!current) break;
      write(current.body.subarray(offset, offset + SLICE_BYTES));
      offset += SLICE_BYTES;
      if (offset < current.body.length) continue;
      current = undefined;
      write("\n\n");
    }
    if (isEnding && !current && queue.size === 0) raw.end();
  }

  raw.on("drain", () => {
    stalledSinceMs = undefined;
    pump();
  });
  raw.on("error", () => undefined); // `close` follows
  return {
    get stalledSinceMs() {
      return stalledSinceMs;
    },
    send(event, data) {
      if (isEnding || raw.destroyed) return;
      queue.delete(event); // what comes last is heard last
      queue.set(event, { event, body: bodyOf(data) });
      pump();
    },
    end() {
      isEnding = true;
      pump();
    },
    onClose: (listener) => void (raw.destroyed ? listener() : raw.once("close", listener)),
    *waiting() {
      if (current) yield current.body;
      for (const { body } of queue.values()) yield body;
    },
    beat() {
      if (stalledSinceMs === undefined && !isEnding) write(": alive\n\n");
    },
    drop: () => void raw.destroy(),
  };
}
