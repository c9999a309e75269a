import type { ServerResponse } from "node:http";
import { createEventQueue } from "./event-queue.js";

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
  const events = createEventQueue(lastId);
  let stalledSinceMs: number | undefined;
  let isEnding = false;

  function write(bytes: Buffer | string): void {
    if (!raw.write(bytes)) stalledSinceMs ??= performance.now();
  }

  function pump(): void {
    while (stalledSinceMs === undefined && !raw.destroyed && !events.isEmpty)
      for (const bytes of events.take()) write(bytes);
    if (isEnding && events.isEmpty) raw.end();
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
      events.put(event, bodyOf(data));
      pump();
    },
    end() {
      isEnding = true;
      pump();
    },
    onClose: (listener) => void (raw.destroyed ? listener() : raw.once("close", listener)),
    waiting: events.waiting,
    beat() {
      if (stalledSinceMs === undefined && !isEnding) write(": alive\n\n");
    },
    drop: () => void raw.destroy(),
  };
}
