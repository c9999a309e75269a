import { EventEmitter } from "node:events";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/** Emits `request` as an HTTP server does. */
export type RequestSource = EventEmitter<{ request: [request: IncomingMessage, response: ServerResponse] }>;

/** Requests that a connection may send ahead of the response to an earlier one. */
const MAX_WAITING = 16;

type Turn = readonly [request: IncomingMessage, response: ServerResponse];

/**
 * Emits the requests of each connection one after another, the next when the response to the one before is
 * closed. Node emits pipelined requests at once, thousands of them: it buffers their responses, and never
 * closes those whose turn has not come when the connection ends, so that whatever waits for that would wait
 * for ever.
 */
export function takeTurns(server: Server): RequestSource {
  const source: RequestSource = new EventEmitter();
  const waiting = new WeakMap<Socket, Turn[]>();

  function begin(socket: Socket, [request, response]: Turn): void {
    response.once("close", () => process.nextTick(next, socket)); // when all have heard of it
    source.emit("request", request, response);
  }

  function next(socket: Socket): void {
    const turn = waiting.get(socket)?.shift();
    if (turn && !socket.destroyed) begin(socket, turn);
    else waiting.delete(socket);
  }

  server.on("request", (request, response) => {
    const { socket } = request;
    const turns = waiting.get(socket);
    if (!turns) {
      waiting.set(socket, []);
      begin(socket, [request, response]);
    } else if (turns.length < MAX_WAITING) turns.push([request, response]);
    else socket.destroy();
  });
  return source;
}
