import type { IncomingMessage, ServerResponse } from "node:http";
import { ServerError } from "../errors.js";
import { refuseOnSocket } from "./raw-refusal.js";
import type { RequestSource } from "./request-turns.js";

/** How slowly a client may send. Only time in which the server waits for the client counts. */
export interface BodyPace {
  /** Longest time without a byte. */
  readonly maxIdleMs: number;
  /** Time before `minBytesPerS` applies. */
  readonly graceMs: number;
  readonly minBytesPerS: number;
}

export const BODY_PACE: BodyPace = { maxIdleMs: 10_000, graceMs: 20_000, minBytesPerS: 8192 };

/** During shutdown, stalled clients are disconnected sooner. */
const LAST_PACE: BodyPace = { maxIdleMs: 1000, graceMs: 3000, minBytesPerS: 8192 };

const LOOK_EVERY_MS = 250;

/** The requests whose body is not complete yet. */
export interface BodyWatch {
  /**
   * How far the request's body is behind: the time without a byte, or by which it is later than at
   * `minBytesPerS`. 0 when it is complete.
   */
  lagMs(request: IncomingMessage): number;
  /** Ends a request with an incomplete body with an error response. */
  refuse(request: IncomingMessage, error: ServerError): void;
  /** Switches to the shorter limits of a shutdown. */
  hurry(): void;
  close(): void;
}

interface Body {
  readonly response: ServerResponse;
  readonly bytesBefore: number;
  bytes: number;
  waitedMs: number;
  idleMs: number;
}

/** Ends requests whose bodies stall or arrive too slowly. */
export function watchBodies(requests: RequestSource, pace = BODY_PACE): BodyWatch {
  const bodies = new Map<IncomingMessage, Body>();
  let current = pace;

  requests.on("request", (request, response) => {
    const bytes = request.socket.bytesRead;
    bodies.set(request, { response, bytesBefore: bytes, bytes, waitedMs: 0, idleMs: 0 });
    response.once("close", () => bodies.delete(request));
  });

  function refuse(request: IncomingMessage, error: ServerError): void {
    const body = bodies.get(request);
    if (!body) return;
    bodies.delete(request);
    if (body.response.headersSent) request.socket.destroy();
    else refuseOnSocket(request.socket, error);
  }

  function look(request: IncomingMessage, body: Body): void {
    if (request.complete) return void bodies.delete(request);
    const { bytesRead } = request.socket;
    const isOurs = request.readableLength > 0; // data waits to be read: the client isn't slow
    if (isOurs || bytesRead !== body.bytes) body.idleMs = 0;
    else body.idleMs += LOOK_EVERY_MS;
    if (!isOurs) body.waitedMs += LOOK_EVERY_MS;
    body.bytes = bytesRead;
    const slowest = (current.minBytesPerS * body.waitedMs) / 1000;
    if (body.idleMs >= current.maxIdleMs) refuse(request, tooSlow(`nothing for ${body.idleMs / 1000} s`));
    else if (body.waitedMs >= current.graceMs && bytesRead - body.bytesBefore < slowest)
      refuse(request, tooSlow(`less than ${current.minBytesPerS / 1024} KiB a second`));
  }

  const clock = setInterval(() => {
    for (const [request, body] of bodies) look(request, body);
  }, LOOK_EVERY_MS);
  clock.unref();

  return {
    lagMs(request) {
      const body = bodies.get(request);
      if (!body) return 0;
      const { bytes, bytesBefore, waitedMs, idleMs } = body;
      return Math.max(idleMs, waitedMs - (1000 * (bytes - bytesBefore)) / current.minBytesPerS);
    },
    refuse,
    hurry() {
      current = LAST_PACE;
    },
    close: () => clearInterval(clock),
  };
}

function tooSlow(what: string): ServerError {
  return new ServerError("request-timeout", `The body arrived too slowly (${what}); send it again.`);
}
