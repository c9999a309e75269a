import { type Server, type ServerResponse, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { API_ERROR_STATUS, type ApiErrorCode } from "../contract/errors.js";
import { ServerError } from "../errors.js";
import { HEADERS } from "./headers.js";
import type { RequestSource } from "./request-turns.js";

/** Errors of the HTTP parser; any other error is not HTTP. */
const PARSER_CODES: Readonly<Record<string, readonly [code: ApiErrorCode, message: string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: ["request-timeout", "The request took too long to arrive; send it again."],
  HPE_HEADER_OVERFLOW: ["headers-too-large", "The request's address and headers have more than 16 kB."],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: [
    "payload-too-large",
    "The body's chunks have extensions of more than 16 kB.",
  ],
};

/**
 * Sends the usual error responses for what never reaches a route: requests that the parser rejects, tunnels,
 * expectations.
 */
export function answerWhatIsNoRequest(server: Server, requests: RequestSource): void {
  const answering = new WeakMap<Duplex, ServerResponse>();
  requests.on("request", ({ socket }, response) => answering.set(socket, response));
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    const response = answering.get(socket);
    // A response that has begun can't be changed; one that is finished is sent already.
    if (response?.headersSent && !response.writableFinished) socket.destroy();
    else refuseOnSocket(socket, unparsed(error));
  });
  server.on("connect", ({ url = "" }, socket) =>
    refuseOnSocket(
      socket,
      new ServerError("bad-request", `CONNECT to "${url.slice(0, 100)}" is not supported.`),
    ),
  );
  server.on("checkExpectation", ({ headers, socket }) =>
    refuseOnSocket(
      socket,
      new ServerError("bad-request", `The expectation "${headers.expect}" is not supported.`),
    ),
  );
}

function unparsed(error: NodeJS.ErrnoException): ServerError {
  const [code, message] = PARSER_CODES[error.code ?? ""] ?? [
    "bad-request",
    `The request is not valid HTTP/1.1 (${error.code ?? "unknown"}).`,
  ];
  return new ServerError(code, message, { cause: error });
}

/** Sends an error response on a connection without one so far, and closes the connection. */
export function refuseOnSocket(socket: Duplex, { code, message, retryAfterS }: ServerError): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const status = API_ERROR_STATUS[code];
  const body = JSON.stringify({ code, message });
  const headers = {
    ...HEADERS,
    "cache-control": "no-store",
    "content-type": "application/json; charset=utf-8",
    "content-length": String(Buffer.byteLength(body)),
    ...(retryAfterS !== undefined && { "retry-after": String(retryAfterS) }),
    connection: "close",
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join("")}\r\n${body}`, () =>
    socket.destroy(),
  );
}
