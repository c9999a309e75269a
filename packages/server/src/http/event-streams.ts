import type { FastifyReply, FastifyRequest } from "fastify";
import type { Limits } from "../options.js";
import { createClientQuota } from "./client-quota.js";
import { createEventStream, type EventStream, type OpenStream } from "./event-stream.js";

/** Every stream of events of the server. */
export interface EventStreams {
  /**
   * Takes an answer over and keeps it open for events.
   *
   * @throws ServerError `too-many-requests`, `overloaded`
   */
  open(request: FastifyRequest, reply: FastifyReply): EventStream;
}

export interface EventStreamsOptions {
  readonly limits: Pick<Limits, "maxEventStreams" | "maxEventStreamsPerClient">;
  /** Ends them all. */
  readonly stopping: AbortSignal;
  /** How long a client may take nothing before it is cut off. */
  readonly maxStallMs?: number;
  /** Bytes of events that wait for slow clients. */
  readonly maxWaitingBytes?: number;
}

const LOOK_EVERY_MS = 1000;
const BEAT_EVERY_LOOKS = 15;

/** Streams whose memory doesn't grow with their number, nor with how slowly they are read. */
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

/** Each value is written once, however many streams are to hear it. */
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

/** Cuts off those who have waited longest until what waits for the others fits. */
function dropAbove(streams: ReadonlySet<OpenStream>, maxBytes: number): void {
  const left = [...streams].filter(({ stalledSinceMs }) => stalledSinceMs !== undefined);
  left.sort((a, b) => b.stalledSinceMs! - a.stalledSinceMs!);
  while (bytesOf(left) > maxBytes) left.pop()!.drop();
}

function bytesOf(streams: readonly OpenStream[]): number {
  const bodies = new Set(streams.flatMap((stream) => [...stream.waiting()]));
  return [...bodies].reduce((sum, { length }) => sum + length, 0);
}
