import { describe, expect, onTestFinished, test } from "vitest";
import { API_ERROR_STATUS, errorSchema } from "../contract/errors.js";
import { openApp } from "../testing/open-app.js";
import { openRaw, partsOf } from "../testing/raw-client.js";
import { HEADERS } from "./headers.js";
import { openListener } from "./listener.js";

async function listen(): Promise<number> {
  const listener = await openListener("127.0.0.1", 0);
  const { app } = await openApp({}, listener);
  await app.ready();
  listener.answerWith(app.routing);
  onTestFinished(listener.close);
  return listener.port;
}

const HOST = "Host: localhost\r\n";

describe("what is no request that can be read is refused as everything else is", () => {
  test.each([
    ["noise", Buffer.from([0, 1, 2, 3, 255, 254, 13, 10, 13, 10]), "bad-request"],
    ["a greeting of TLS", Buffer.from("160301020001000001fc0303", "hex"), "bad-request"],
    ["a greeting of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "bad-request"],
    ["an answer", "HTTP/1.1 200 OK\r\n\r\n", "bad-request"],
    ["a method that is none", `BREW / HTTP/1.1\r\n${HOST}\r\n`, "bad-request"],
    ["another version", `GET / HTTP/7.3\r\n${HOST}\r\n`, "bad-request"],
    [
      "two lengths",
      `POST / HTTP/1.1\r\n${HOST}Content-Length: 1\r\nContent-Length: 2\r\n\r\n`,
      "bad-request",
    ],
    ["a length that is none", `POST / HTTP/1.1\r\n${HOST}Content-Length: x\r\n\r\n`, "bad-request"],
    [
      "a length and chunks",
      `POST / HTTP/1.1\r\n${HOST}Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n`,
      "bad-request",
    ],
    [
      "chunks of no size",
      `POST /v1/images HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\nzz\r\n`,
      "bad-request",
    ],
    ["a header without a name", `GET / HTTP/1.1\r\n${HOST}: x\r\n\r\n`, "bad-request"],
    ["a header on two lines", `GET / HTTP/1.1\r\n${HOST}X: a\r\n b\r\n\r\n`, "bad-request"],
    ["headers without end", `GET / HTTP/1.1\r\n${HOST}X: ${"a".repeat(100_000)}`, "headers-too-large"],
    [
      "many headers",
      `GET / HTTP/1.1\r\n${HOST}${"X: aaaaaaaaaaaaaaaaaaaaaaa\r\n".repeat(3000)}\r\n`,
      "headers-too-large",
    ],
    ["an address without end", `GET /${"a".repeat(100_000)} HTTP/1.1\r\n${HOST}\r\n`, "headers-too-large"],
    [
      "chunks with long extensions",
      `POST /v1/images HTTP/1.1\r\n${HOST}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n1;${"a".repeat(40_000)}\r\n`,
      "payload-too-large",
    ],
    ["no host", "GET /v1/images HTTP/1.1\r\nConnection: close\r\n\r\n", "bad-request"],
    ["an empty host", "GET /v1/images HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n", "forbidden-host"],
    ["no host in HTTP/1.0", "GET /v1/images HTTP/1.0\r\n\r\n", "forbidden-host"],
    ["a tunnel", `CONNECT example.com:443 HTTP/1.1\r\n${HOST}\r\n`, "bad-request"],
    [
      "what is expected and never done",
      `POST / HTTP/1.1\r\n${HOST}Expect: tea\r\nConnection: close\r\n\r\n`,
      "bad-request",
    ],
    [
      "an address that can't be decoded",
      `GET /%zz HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`,
      "bad-request",
    ],
    [
      "a long part of an address",
      `GET /v1/images/${"a".repeat(5000)} HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`,
      "bad-request",
    ],
    ["a method that nothing answers to", `TRACE / HTTP/1.1\r\n${HOST}Connection: close\r\n\r\n`, "not-found"],
  ] as const)("%s", async (_, bytes, expected) => {
    const { status, headers, body } = partsOf(await openRaw(await listen(), bytes).ended);
    const { code, message } = errorSchema.parse(JSON.parse(body));
    expect([code, status]).toEqual([expected, API_ERROR_STATUS[expected]]);
    expect(message.length).toBeGreaterThan(10);
    expect(headers).toMatchObject(HEADERS);
    expect(headers["content-type"]).toMatch(/^application\/json/);
    expect(Number(headers["content-length"])).toBe(Buffer.byteLength(body));
  });

  test("noise behind an answer that is under way ends the connection, and adds nothing to the answer", async () => {
    const listener = await openListener("127.0.0.1", 0);
    onTestFinished(listener.close);
    listener.answerWith((_request, response) => {
      response.writeHead(200, { "content-length": 5 });
      response.write("ab");
    });
    const client = openRaw(listener.port, `GET / HTTP/1.1\r\n${HOST}\r\n`);
    await new Promise((resolve) => client.socket.once("data", resolve));
    client.write("\u0000\u0001\r\n\r\n");
    expect(partsOf(await client.ended).body).toBe("ab");
  });
});
