import { lookup } from "node:dns/promises";
import { createServer as createHttpServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server as TcpServer } from "node:net";
import { API_ERROR_STATUS } from "../contract/errors.js";
import { StartError } from "../errors.js";
import { type BodyPace, type BodyWatch, watchBodies } from "./body-watch.js";
import { type ConnectionLimits, limitConnections } from "./connections.js";
import { HEADERS } from "./headers.js";
import { answerWhatIsNoRequest } from "./raw-refusal.js";
import { type RequestSource, takeTurns } from "./request-turns.js";

const SWEEP_MS = 50;

/** `keepAliveTimeout`: how long an idle connection stays open, longer than in common proxies. */
const HTTP_OPTIONS = {
  headersTimeout: 60_000,
  requestTimeout: 600_000,
  connectionsCheckingInterval: 5000,
  keepAliveTimeout: 72_000,
  requireHostHeader: false, // checked by a hook, which can send a proper error
} as const;

/** A server that listens on an address. */
export interface Listener {
  readonly server: Server;
  readonly port: number;
  readonly bodies: BodyWatch;
  /** Passes requests to the app; until then every response is 503 `starting`. */
  answerWith(listener: RequestListener): void;
  /**
   * Accepts no more connections, and waits until pending requests are answered; stalled clients are
   * disconnected.
   */
  close(): Promise<void>;
}

/** Limits other than the defaults. */
export interface ListenerOptions {
  readonly pace?: BodyPace;
  readonly connections?: ConnectionLimits;
}

/**
 * Starts to listen. This happens before anything else, so that an address in use has no side effects.
 *
 * @throws StartError `address-unusable`
 */
export async function openListener(
  host: string,
  port: number,
  { pace, connections: limits }: ListenerOptions = {},
): Promise<Listener> {
  const server = createHttpServer(HTTP_OPTIONS);
  const requests = takeTurns(server);
  const connections = limitConnections(server, requests, limits);
  const bodies = watchBodies(requests, pace);
  answerWhatIsNoRequest(server, requests);
  requests.on("request", answerStarting);
  await listen(server, host, port);
  const actual = (server.address() as AddressInfo).port;
  const others = host === "localhost" ? await listenOnOthers(server, actual) : [];
  const closeConnections = trackConnections(server, requests);
  return {
    server,
    port: actual,
    bodies,
    answerWith(listener) {
      requests.off("request", answerStarting);
      requests.on("request", listener);
    },
    async close() {
      const closed = [server, ...others].map((one) => new Promise((resolve) => one.close(resolve)));
      closeConnections();
      connections.hurry();
      bodies.hurry();
      const sweep = setInterval(closeConnections, SWEEP_MS);
      await Promise.all(closed).finally(() => clearInterval(sweep));
      connections.close();
      bodies.close();
    },
  };
}

const answerStarting: RequestListener = (request, response) => {
  request.resume();
  const code = "starting";
  const body = JSON.stringify({ code, message: "The server is starting; retry in a moment." });
  const headers = { ...HEADERS, "content-type": "application/json", "retry-after": "1" };
  response.writeHead(API_ERROR_STATUS[code], headers).end(body);
};

/**
 * "localhost" can have an IPv4 and an IPv6 address, and a browser may try either. Addresses that can't be
 * used are skipped.
 */
async function listenOnOthers(server: Server, port: number): Promise<TcpServer[]> {
  const { address: first } = server.address() as AddressInfo;
  const addresses = await lookup("localhost", { all: true }).catch(() => []);
  const others = addresses.filter(({ address }) => address !== first);
  const servers = others.map(async ({ address }) => {
    const other = createTcpServer((socket) => server.emit("connection", socket));
    await listen(other, address, port);
    return other;
  });
  const settled = await Promise.allSettled(servers);
  return settled.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
}

const REASONS: Readonly<Record<string, string>> = {
  EADDRINUSE: "it is in use; choose another port (0 selects a free one)",
  EACCES: "the system doesn't allow it; choose a port above 1023",
  EADDRNOTAVAIL: "this machine does not have that address",
  ENOTFOUND: "the host name can't be resolved",
};

async function listen(server: TcpServer, host: string, port: number): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host, port }, () => {
        server.off("error", reject);
        resolve();
      });
    });
  } catch (cause) {
    const { code = "", message } = cause as NodeJS.ErrnoException;
    const reason = REASONS[code] ?? message;
    throw new StartError("address-unusable", `Can't listen on ${host}, port ${port}: ${reason}.`, { cause });
  }
}

/**
 * Counts pending requests. The returned function closes idle connections, including those without any request
 * so far: clients keep them open, which would delay the shutdown.
 */
function trackConnections(server: Server, requests: RequestSource): () => void {
  let answering = 0;
  requests.on("request", (_request, response) => {
    answering++;
    response.once("close", () => {
      answering--;
    });
  });
  return () => (answering === 0 ? server.closeAllConnections() : server.closeIdleConnections());
}
