/** Bytes written to a connection at a time; the rest of an event stays in a buffer shared by all streams. */
const SLICE_BYTES = 64 * 1024;

/** Events that a client has not received, as the text of a stream of server-sent events. */
export interface EventQueue {
  /** Adds an event at the end. One of the same name is replaced, unless a part of it was taken. */
  put(event: string, body: Buffer): void;
  /** Removes what is to be written next: a slice of an event, with the lines around it. */
  take(): (Buffer | string)[];
  /** Whether everything was taken. */
  readonly isEmpty: boolean;
  /** The bodies of which a part is still to be taken. */
  waiting(): Iterable<Buffer>;
}

interface QueuedEvent {
  readonly event: string;
  readonly body: Buffer;
}

/** @param lastId id of the last event that the client received; the following ones count up from it */
export function createEventQueue(lastId: number): EventQueue {
  const queue = new Map<string, QueuedEvent>();
  let current: QueuedEvent | undefined;
  let offset = 0;
  let id = lastId;

  /** Makes the first event the current one. @returns the lines before its body */
  function begin(): string[] {
    current = queue.values().next().value;
    if (!current) return [];
    queue.delete(current.event);
    offset = 0;
    return [`id: ${++id}\nevent: ${current.event}\ndata: `];
  }

  return {
    put(event, body) {
      queue.delete(event); // the newest event goes last
      queue.set(event, { event, body });
    },
    take() {
      const head = current ? [] : begin();
      if (!current) return [];
      const slice = current.body.subarray(offset, offset + SLICE_BYTES);
      offset += SLICE_BYTES;
      if (offset < current.body.length) return [...head, slice];
      current = undefined;
      return [...head, slice, "\n\n"];
    },
    get isEmpty() {
      return !current && queue.size === 0;
    },
    *waiting() {
      if (current) yield current.body;
      for (const { body } of queue.values()) yield body;
    },
  };
}
