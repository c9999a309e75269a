import type { FastifyReply, FastifyRequest } from "fastify";

const HEARTBEAT_MS = 15_000;

/** Server-sent events on one answer. */
export interface EventStream {
  send(event: string, data: unknown): void;
  /** Ends the answer. */
  end(): void;
  /** Called once, when the client has gone or the stream has ended. */
  onClose(listener: () => void): void;
}

/**
 * Takes an answer over and keeps it open for events; each has a number, and a client that is cut off asks again.
 *
 * @param stopping ends the answer
 */
export function openEventStream(
  request: FastifyRequest,
  reply: FastifyReply,
  stopping: AbortSignal,
): EventStream {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, {
    ...reply.getHeaders(),
    "content-type": "text/event-stream",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
  } as Record<string, string>);
  raw.write("retry: 1000\n\n");
  let id = Number(request.headers["last-event-id"]) || 0;
  const heartbeat = setInterval(() => raw.write(": alive\n\n"), HEARTBEAT_MS);
  const end = () => void raw.end();
  stopping.addEventListener("abort", end, { once: true });
  raw.once("close", () => {
    clearInterval(heartbeat);
    stopping.removeEventListener("abort", end);
  });
  raw.on("error", () => undefined); // `close` follows
  return {
    send(event, data) {
      if (raw.writableEnded) return;
      raw.write(`id: ${++id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    },
    end,
    onClose: (listener) => void raw.once("close", listener),
  };
}
