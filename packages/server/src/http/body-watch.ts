import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { ServerError } from "../errors.js";
import { refuseOnSocket } from "./raw-refusal.js";

/** How slowly a client may send. Only time in which the server waits for it counts. */
export interface BodyPace {
  /** Without a byte. */
  readonly maxIdleMs: number;
  /** Before `minBytesPerS` is asked for. */
  readonly graceMs: number;
  readonly minBytesPerS: number;
}

export const BODY_PACE: BodyPace = { maxIdleMs: 10_000, graceMs: 20_000, minBytesPerS: 8192 };

/** While the server ends, who doesn't send is not waited for. */
const LAST_PACE: BodyPace = { maxIdleMs: 1000, graceMs: 3000, minBytesPerS: 8192 };

const LOOK_EVERY_MS = 250;

/** Requests whose body is on its way. */
export interface BodyWatch {
  /** How long nothing has come of the request's body; 0 once it is there. */
  idleMs(request: IncomingMessage): number;
  /** Ends a request whose body is on its way with an answer. */
  refuse(request: IncomingMessage, error: ServerError): void;
  /** From now on nobody is waited for who doesn't send. */
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

/** Refuses requests whose bodies stop coming, or come so slowly that they only take up a place. */
export function watchBodies(server: Server, pace = BODY_PACE): BodyWatch {
  const bodies = new Map<IncomingMessage, Body>();
  let current = pace;

  server.on("request", (request, response) => {
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
    const isOurs = request.readableLength > 0; // what came is not taken yet: it isn't the client who is slow
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
    idleMs: (request) => bodies.get(request)?.idleMs ?? 0,
    refuse,
    hurry() {
      current = LAST_PACE;
    },
    close: () => clearInterval(clock),
  };
}

function tooSlow(what: string): ServerError {
  return new ServerError("request-timeout", `The body came too slowly (${what}); send it again.`);
}
