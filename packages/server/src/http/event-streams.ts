import type { FastifyReply, FastifyRequest } from "fastify";
import type { Limits } from "../options.js";
import { createClientQuota } from "./client-quota.js";
import { createEventStream, type EventStream, type OpenStream } from "./event-stream.js";

/** All event streams of the server. */
export interface EventStreams {
  /**
   * Turns a response into an event stream.
   *
   * @throws ServerError `too-many-requests`, `overloaded`
   */
  open(request: FastifyRequest, reply: FastifyReply): EventStream;
}

export interface EventStreamsOptions {
  readonly limits: Pick<Limits, "maxEventStreams" | "maxEventStreamsPerClient">;
  /** Ends all streams. */
  readonly stopping: AbortSignal;
  /** Longest time that a client may read nothing before it is disconnected. */
  readonly maxStallMs?: number;
  /** Most bytes of events buffered for slow clients. */
  readonly maxWaitingBytes?: number;
}

const LOOK_EVERY_MS = 1000;
const BEAT_EVERY_LOOKS = 15;

/**
 * Creates the set of streams. Their memory is bounded, whatever their number and however slowly they are
 * read.
 */
export function createEventStreams({
  limits: { maxEventStreams, maxEventStreamsPerClient },
  stopping,
  maxStallMs = 30_000,
  maxWaitingBytes = 64 * 2 ** 20,
}: EventStreamsOptions): EventStreams {
  const quota = createClientQuota({
    total: maxEventStreams,
    perClient: maxEventStreamsPerClient,
    what: "event streams",
  });
  const streams = new Set<OpenStream>();
  const bodyOf = createSerializer();
  let looks = 0;

  const clock = setInterval(() => {
    looks++;
    dropStalled(streams, performance.now() - maxStallMs);
    dropAbove(streams, maxWaitingBytes);
    if (looks % BEAT_EVERY_LOOKS === 0) for (const stream of streams) stream.beat();
  }, LOOK_EVERY_MS);
  clock.unref();

  stopping.addEventListener("abort", () => {
    clearInterval(clock);
    for (const stream of streams) {
      if (stream.stalledSinceMs === undefined) stream.end();
      else stream.drop();
    }
  });

  return {
    open(request, reply) {
      const release = quota.take(request.ip);
      reply.hijack();
      reply.raw.writeHead(200, {
        ...reply.getHeaders(),
        "content-type": "text/event-stream",
        "cache-control": "no-store",
        "x-accel-buffering": "no",
      } as Record<string, string>);
      reply.raw.write("retry: 1000\n\n");
      const stream = createEventStream(reply.raw, bodyOf, Number(request.headers["last-event-id"]) || 0);
      streams.add(stream);
      stream.onClose(() => {
        streams.delete(stream);
        release();
      });
      return stream;
    },
  };
}

/** Serializes each value once, whatever the number of streams. */
function createSerializer(): (data: object) => Buffer {
  const written = new WeakMap<object, Buffer>();
  return (data) => {
    const known = written.get(data);
    if (known) return known;
    const body = Buffer.from(JSON.stringify(data));
    written.set(data, body);
    return body;
  };
}

function dropStalled(streams: Iterable<OpenStream>, beforeMs: number): void {
  for (const stream of streams) if ((stream.stalledSinceMs ?? Infinity) < beforeMs) stream.drop();
}

/** Disconnects the clients that have stalled longest until the rest is within the limit. */
function dropAbove(streams: ReadonlySet<OpenStream>, maxBytes: number): void {
  const left = [...streams].filter(({ stalledSinceMs }) => stalledSinceMs !== undefined);
  left.sort((a, b) => b.stalledSinceMs! - a.stalledSinceMs!);
  while (bytesOf(left) > maxBytes) left.pop()!.drop();
}

function bytesOf(streams: readonly OpenStream[]): number {
  const bodies = new Set(streams.flatMap((stream) => [...stream.waiting()]));
  return [...bodies].reduce((sum, { length }) => sum + length, 0);
}
