import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Registry } from "prom-client";
import { StartError } from "../errors.js";

/** `/health`, `/ready` and `/metrics` of a worker. */
export interface Probes {
  readonly url: string;
  setReady(isReady: boolean): void;
  close(): Promise<void>;
}

/** @throws StartError `address-unusable` */
export async function openProbes(host: string, port: number, registry: Registry): Promise<Probes> {
  let isReady = false;
  const server = createServer((request, response) => {
    const path = request.url?.split("?", 1)[0];
    if (request.method !== "GET" && request.method !== "HEAD") return send(response, 405, "Use GET.\n");
    if (path === "/health") return send(response, 200, "ok\n");
    if (path === "/ready") return send(response, isReady ? 200 : 503, isReady ? "ready\n" : "not ready\n");
    if (path !== "/metrics") return send(response, 404, "There are /health, /ready and /metrics.\n");
    registry.metrics().then(
      (text) => send(response, 200, text, registry.contentType),
      () => send(response, 500, "The metrics can't be read.\n"),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", (cause) =>
      reject(
        new StartError(
          "address-unusable",
          `The worker can't listen on ${host}, port ${port}: ${cause.message}. Choose another --port.`,
          { cause },
        ),
      ),
    );
    server.listen(port, host, resolve);
  });
  const actual = (server.address() as AddressInfo).port;
  return {
    url: `http://${host.includes(":") ? `[${host}]` : host}:${actual}/`,
    setReady(value) {
      isReady = value;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function send(response: ServerResponse, status: number, text: string, type = "text/plain; charset=utf-8") {
  response.writeHead(status, { "content-type": type }).end(text);
}
