import type { Server } from "node:http";
import type { Socket } from "node:net";
import type { ServerError } from "../errors.js";
import { clientOf, createClientQuota } from "./client-quota.js";
import { refuseOnSocket } from "./raw-refusal.js";
import type { RequestSource } from "./request-turns.js";

export interface ConnectionLimits {
  readonly maxConnections: number;
  readonly maxConnectionsPerClient: number;
  /** Longest time that a client may read nothing of its response. */
  readonly maxUnreadMs: number;
  /** Most bytes of responses buffered for all clients. */
  readonly maxUnreadBytes: number;
}

export const CONNECTION_LIMITS: ConnectionLimits = {
  maxConnections: 1024,
  maxConnectionsPerClient: 512,
  maxUnreadMs: 30_000,
  maxUnreadBytes: 128 * 2 ** 20,
};

const LOOK_EVERY_MS = 1000;

/** Limits on connections: their number, and unread responses. */
export interface Connections {
  /** Switches to the shorter limits of a shutdown. */
  hurry(): void;
  close(): void;
}

export function limitConnections(
  server: Server,
  requests: RequestSource,
  limits = CONNECTION_LIMITS,
): Connections {
  const { maxConnections, maxConnectionsPerClient, maxUnreadMs, maxUnreadBytes } = limits;
  const quota = createClientQuota({
    total: maxConnections,
    perClient: maxConnectionsPerClient,
    what: "connections",
  });
  const open = new Set<Socket>();
  const answering = new Set<Socket>();

  server.on("connection", (socket: Socket) => {
    try {
      const release = quota.take(socket.remoteAddress ?? "");
      open.add(socket);
      socket.once("close", () => {
        open.delete(socket);
        release();
      });
    } catch (error) {
      refuseOnSocket(socket, error as ServerError);
    }
  });
  requests.on("request", ({ socket }, response) => {
    answering.add(socket);
    response.once("close", () => answering.delete(socket));
  });
  // Also closes idle connections. A connection whose response is being computed stays.
  server.setTimeout(maxUnreadMs, (socket) => {
    if (socket.writableLength > 0 || !answering.has(socket)) socket.destroy();
  });
  const clock = setInterval(() => dropAbove(open, maxUnreadBytes), LOOK_EVERY_MS);
  clock.unref();

  return {
    hurry() {
      for (const socket of answering) socket.setTimeout(LOOK_EVERY_MS);
    },
    close: () => clearInterval(clock),
  };
}

/**
 * Closes connections until the buffered bytes of the rest are within the limit: of the client with the most
 * bytes the connection with the most.
 */
function dropAbove(sockets: Iterable<Socket>, maxBytes: number): void {
  const unread = [...sockets].filter(({ writableLength }) => writableLength > 0);
  const byClient = new Map<string, Socket[]>();
  for (const socket of unread) {
    const client = clientOf(socket.remoteAddress ?? "");
    byClient.set(client, [...(byClient.get(client) ?? []), socket]);
  }
  for (const each of byClient.values()) each.sort((a, b) => a.writableLength - b.writableLength);
  for (let bytes = bytesOf(unread); bytes > maxBytes; ) {
    const most = [...byClient.values()].reduce((a, b) => (bytesOf(b) > bytesOf(a) ? b : a));
    const socket = most.pop()!;
    bytes -= socket.writableLength;
    socket.destroy();
  }
}

function bytesOf(sockets: readonly Socket[]): number {
  return sockets.reduce((sum, { writableLength }) => sum + writableLength, 0);
}
