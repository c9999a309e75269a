import type { ServerResponse } from "node:http";

/** Bytes written to a connection at a time; the rest of an event stays in a buffer shared by all streams. */
const SLICE_BYTES = 64 * 1024;

/** A response with server-sent events. */
export interface EventStream {
  /**
   * Sends an event as soon as the client can take it. A queued event of the same name is replaced, so that a
   * slow client receives the newest event of each name (back-pressure).
   */
  send(event: string, data: object): void;
  /** Ends the response after all events are sent. */
  end(): void;
  /** Registers a callback, called once when the client disconnects or the stream ends. */
  onClose(listener: () => void): void;
}

/** A stream with what the server needs to manage it. */
export interface OpenStream extends EventStream {
  /**
   * Time (`performance.now()`) since which the client has read nothing although data is buffered; undefined
   * if none is.
   */
  readonly stalledSinceMs: number | undefined;
  /** The buffered texts, shared with other streams. */
  waiting(): Iterable<Buffer>;
  /** Sends a heartbeat that keeps the connection open. */
  beat(): void;
  /** Disconnects the client; it may reconnect. */
  drop(): void;
}

interface Frame {
  readonly event: string;
  readonly body: Buffer;
}

/**
 * Writes events to a response whose head is already sent.
 *
 * @param bodyOf serializes an event's data; the same buffer for every stream
 * @param lastId id of the last event that the client received. Every event has one; a client that reconnects
 *   sends it
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
      queue.delete(event); // the newest event goes last
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
