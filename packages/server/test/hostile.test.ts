import { connect } from "node:net";
import { encodeRle } from "@segany/masks";
import { type ApiErrorCode, paths } from "@segany/server/contract";
import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Answer, createClient, expectError, json, multipart, type Question, send } from "./client.js";
import { createWorkplace, type ServerProcess } from "./server-process.js";
import { paintBomb, paintClaim, paintImage, pillowImage } from "./test-images.js";

const workplace = createWorkplace();
let server: ServerProcess;
let id: string;

beforeAll(async () => {
  server = await workplace.start(workplace.folder("data"));
  ({ id } = await createClient(server.address).upload(await paintImage(1)));
});

afterEach(async () => {
  const { status, text } = await send(server.address, { path: "/health" });
  expect({ status, text }).toEqual({ status: 200, text: '{"status":"ok"}' });
});

const post = (path: string, question: Partial<Question>): Promise<Answer> =>
  send(server.address, { method: "POST", path: `/${path}`, ...question });
const predict = (body: string): Promise<Answer> => post(paths.predict(id), { ...json(0), body });
const host = () => new URL(server.address).host;

describe("names that are none", () => {
  const paths_ = [
    "/v1/images/../../etc/passwd",
    "/v1/images/..%2f..%2f..%2fetc%2fpasswd",
    "/v1/images/%2e%2e%2f%2e%2e%2fetc%2fpasswd/preview",
    `/v1/images/${"0".repeat(63)}`,
    `/v1/images/${"0".repeat(64)}`,
    `/v1/images/${"A".repeat(64)}`,
    `/v1/images/${"0".repeat(64)}%00`,
    `/v1/images/${"0".repeat(300)}`,
    "/v1/jobs/..%2f..%2fimages",
    `/v1/jobs/${"z".repeat(32)}/masks`,
    "/../../../../etc/passwd",
    "/..%2f..%2f..%2f..%2fetc%2fpasswd",
    "/assets/..%2f..%2f..%2f..%2fpackage.json",
    "/assets/%2e%2e/%2e%2e/package.json",
    "/..\\..\\package.json",
    "//etc/passwd",
    "/%",
    "/%00",
    "/%c0%ae%c0%ae/",
  ];

  it.each(paths_)("lead nowhere: %s", async (path) => {
    for (const method of ["GET", "DELETE"]) {
      const answer = await send(server.address, { method, path });
      expectError(answer, "bad-request", "not-found", "method-not-allowed");
      expect(answer.text).not.toMatch(/root:|"workspaces"/);
    }
  });

  it("are refused for ways of asking too", async () => {
    for (const method of ["PUT", "PATCH", "DELETE"])
      expectError(
        await send(server.address, { method, path: "/v1/images" }),
        "not-found",
        "method-not-allowed",
      );
  });
});

describe("an upload", () => {
  const upload = (bytes: Uint8Array, options?: { name?: string; field?: string }) =>
    post(paths.images(), multipart(bytes, options));

  it("of 1 GB is refused before it is read, told or not", async () => {
    const { headers } = multipart(new Uint8Array(0));
    const gigabyte = 2 ** 30;
    const told = { ...headers, "content-length": String(gigabyte) };
    expectError(await post(paths.images(), { headers: told, body: endless(gigabyte) }), "payload-too-large");
    expectError(
      await post(paths.images(), { headers: headers!, body: endless(gigabyte) }),
      "payload-too-large",
    );
  });

  it.each<[string, () => Uint8Array | Promise<Uint8Array>, readonly ApiErrorCode[]]>([
    ["nothing", () => new Uint8Array(0), ["image-unreadable"]],
    ["words", () => Buffer.from("not an image"), ["image-unreadable", "unsupported-media-type"]],
    ["a GIF", () => pillowImage("first.gif"), ["unsupported-media-type"]],
    ["an SVG", () => Buffer.from(SVG), ["unsupported-media-type", "image-unreadable"]],
    ["half a JPEG", () => halfOf(pillowImage("icc.jpg")), ["image-unreadable"]],
    ["half a PNG", async () => halfOf(await paintImage(9)), ["image-unreadable"]],
    ["a bomb", () => paintBomb(16_000, 16_000), ["image-too-large"]],
    ["a claim of 3.6 gigapixels", () => paintClaim(60_000, 60_000), ["image-too-large"]],
    ["a long line", () => paintBomb(8, 400_000), ["image-too-large"]],
  ])("of %s is refused", async (_name, make, codes) => {
    expectError(await upload(await make()), ...codes);
  });

  it("keeps nothing of a path in its name", async () => {
    for (const name of ["../../../evil.png", "..\\..\\evil.png", "/etc/evil.png", "a/b\u0000/evil.png"]) {
      const info = await createClient(server.address).upload(await paintImage(20 + name.length), name);
      expect([...info.name].filter((char) => "/\\\u0000".includes(char))).toEqual([]);
    }
  });

  it("in another form than multipart, or under another field, is refused", async () => {
    const image = await paintImage(10);
    expectError(
      await post(paths.images(), { headers: { "content-type": "image/png" }, body: image }),
      "unsupported-media-type",
    );
    expectError(await post(paths.images(), json({ file: "x" })), "unsupported-media-type", "bad-request");
    expectError(await upload(image, { field: "image" }), "bad-request");
    const noBoundary = { headers: { "content-type": "multipart/form-data" }, body: image };
    expectError(await post(paths.images(), noBoundary), "bad-request", "unsupported-media-type");
    const cutOff = multipart(image);
    const body = (cutOff.body as Buffer).subarray(0, 200);
    expectError(await post(paths.images(), { ...cutOff, body }), "bad-request", "image-unreadable");
  });
});

describe("a JSON body", () => {
  it.each<[string, string, ApiErrorCode]>([
    ["100,000 points", JSON.stringify(manyPoints(100_000)), "prompt-invalid"],
    ["a point that is not a number", '{"pointCoords": [[NaN, 1]], "pointLabels": [1]}', "bad-request"],
    ["a point at infinity", '{"pointCoords": [[1e999, 1]], "pointLabels": [1]}', "prompt-invalid"],
    ["a box at infinity", '{"box": [0, 0, 1e999, -1e999]}', "prompt-invalid"],
    ["numbers as text", '{"pointCoords": [["1", "1"]], "pointLabels": ["1"]}', "prompt-invalid"],
    ["half a body", '{"pointCoords": [[1,', "bad-request"],
    ["a polluted prototype", '{"__proto__": {"x": 1}, "box": [0, 0, 9, 9]}', "bad-request"],
    ["brackets without end", "[".repeat(200_000), "bad-request"],
    ["a list", "[]", "prompt-invalid"],
    ["a text", '"box"', "prompt-invalid"],
    ["a field nobody knows", '{"box": [0, 0, 9, 9], "model": "x"}', "prompt-invalid"],
    ["a mask of another size", JSON.stringify({ maskInput: [[1]] }), "prompt-invalid"],
    ["a mask of letters", JSON.stringify({ maskInput: "A".repeat(349_528) }), "prompt-invalid"],
    ["a mask of no numbers", JSON.stringify({ maskInput: logitsOf(Number.NaN) }), "prompt-invalid"],
    [
      "a mask at infinity",
      JSON.stringify({ maskInput: logitsOf(Number.POSITIVE_INFINITY) }),
      "prompt-invalid",
    ],
  ])("with %s is refused", async (_name, body, code) => {
    expectError(await predict(body), code);
  });

  it("of hundreds of megabytes is refused", async () => {
    const headers = { "content-type": "application/json" };
    const answer = await post(paths.predict(id), { headers, body: endless(2 ** 29) });
    expectError(answer, "payload-too-large");
  });

  it("under another content type is refused", async () => {
    const body = '{"box": [0, 0, 9, 9]}';
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "application/xml"]) {
      const answer = await post(paths.predict(id), { headers: { "content-type": type }, body });
      expectError(answer, "unsupported-media-type");
    }
  });

  it("with run lengths that don't fit is refused", async () => {
    const whole = encodeRle({ width: 96, height: 64, data: new Uint8Array(96 * 64).fill(1) });
    for (const segmentation of [
      { size: [64, 96], counts: "\u0000\u0001" },
      { size: [64, 96], counts: "" },
      { size: [65_535, 65_535], counts: "PPPP" },
      { size: [64, 96], counts: "~".repeat(1000) },
      { size: [10, 10], counts: whole.counts },
      { size: [0, 96], counts: whole.counts },
      { size: [64, 96] },
    ]) {
      expectError(await post(paths.cutOuts(id), json({ segmentation })), "mask-invalid");
    }
    const image = { image_id: 1, width: 96, height: 64, file_name: "x.png" };
    for (const annotation of [{ segmentation: { size: [8, 8], counts: "P2" } }, { segmentation: null }, {}]) {
      const question = {
        method: "PUT",
        path: `/${paths.masks(id)}`,
        ...json({ image, annotations: [annotation] }),
      };
      expectError(await send(server.address, question), "mask-invalid");
    }
  });
});

describe("a page of somebody else", () => {
  const ask = (method: string, headers: Record<string, string>) =>
    send(server.address, {
      method,
      path: method === "POST" ? `/${paths.segment(id)}` : `/${paths.images()}`,
      headers: { ...(method === "POST" && { "content-type": "application/json" }), ...headers },
      ...(method === "POST" && { body: '{"pointsPerSide": 1}' }),
    });

  it("may not reach the server by another name that leads to this machine", async () => {
    for (const name of [
      "evil.example",
      "evil.example:80",
      "127.0.0.1.evil.example",
      "localhost.evil.example",
    ])
      for (const method of ["GET", "POST"]) expectError(await ask(method, { host: name }), "forbidden-host");
    const port = new URL(server.address).port;
    for (const name of [`localhost:${port}`, `127.0.0.1:${port}`])
      expect((await ask("GET", { host: name })).status).toBe(200);
  });

  it("may not change anything", async () => {
    for (const origin of [
      "http://evil.example",
      "null",
      `https://evil.example/${host()}`,
      `http://${host()}.evil`,
    ])
      expectError(await ask("POST", { origin }), "forbidden-origin");
    expectError(await ask("POST", { "sec-fetch-site": "cross-site" }), "forbidden-origin");
    expect((await ask("POST", { origin: `http://${host()}` })).status).toBe(202);
  });

  it("gets no leave to read, and can't frame or sniff what it gets", async () => {
    for (const path of ["/", "/health", "/v1/images", "/openapi.json", `/${paths.preview(id)}`, "/nothing"]) {
      const { headers } = await send(server.address, { path, headers: { origin: "http://evil.example" } });
      expect(headers["access-control-allow-origin"]).toBeUndefined();
      expect(headers).toMatchObject({
        "x-segany-api": "v1",
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "cross-origin-embedder-policy": expect.stringMatching(/^(require-corp|credentialless)$/),
        "content-security-policy": expect.stringContaining("frame-ancestors 'none'"),
      });
    }
  });
});

describe("what is not HTTP", () => {
  it.each([
    ["noise", Buffer.from([0, 1, 2, 3, 255, 254, 10, 13, 10, 13, 10])],
    ["a header without end", Buffer.from(`GET / HTTP/1.1\r\nX: ${"a".repeat(100_000)}`)],
    [
      "two lengths",
      Buffer.from("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n"),
    ],
    ["no host", Buffer.from("GET /v1/images HTTP/1.1\r\n\r\n")],
    ["an empty host", Buffer.from("GET /v1/images HTTP/1.1\r\nHost:\r\nConnection: close\r\n\r\n")],
    ["an answer", Buffer.from("HTTP/1.1 200 OK\r\n\r\n")],
  ])("is turned away: %s", async (_name, bytes) => {
    const { hostname, port } = new URL(server.address);
    const reply = await new Promise<string>((resolve) => {
      let text = "";
      const socket = connect(Number(port), hostname, () => socket.write(bytes));
      socket.on("data", (chunk) => {
        text += chunk;
      });
      socket.on("error", () => resolve(text));
      socket.on("close", () => resolve(text));
    });
    expect(reply).toMatch(/^(HTTP\/1\.1 4\d\d |$)/);
  });

  it("does not end the process", () => {
    expect(server.output()).not.toMatch(/uncaught|unhandled|MaxListeners/i);
  });
});

describe("a server with a token", () => {
  let guarded: ServerProcess;
  const token = "correct horse; battery=staple";
  beforeAll(async () => {
    guarded = await workplace.start(workplace.folder("guarded"), ["--token", token], { wait: true });
  });
  const ask = (path: string, headers: Record<string, string> = {}) =>
    send(guarded.address, { path, headers });

  it("shows nothing without it but that it lives", async () => {
    for (const path of [
      "/",
      "/v1/images",
      "/v1/model",
      "/metrics",
      "/openapi.json",
      "/nothing",
      "//health",
      "/health/",
    ])
      expectError(await ask(path), "unauthorized");
    for (const wrong of [
      "Bearer wrong",
      `Bearer ${token} `.trim().slice(0, -1),
      `Basic ${token}`,
      "Bearer ",
      token,
    ])
      expectError(await ask("/v1/images", { authorization: wrong }), "unauthorized");
    expect((await ask("/health")).status).toBe(200);
    expect((await ask("/ready")).status).toBe(200);
  });

  it("takes it as a bearer token, or from the address of the page into a cookie", async () => {
    expect((await ask("/v1/images", { authorization: `Bearer ${token}` })).status).toBe(200);
    expectError(await ask(`/?token=wrong`), "unauthorized");
    expectError(await ask(`/v1/images?token=${encodeURIComponent(token)}`), "unauthorized");
    const opened = await ask(`/?token=${encodeURIComponent(token)}`);
    expect(opened.status).toBe(303);
    expect(opened.headers.location).toBe("/");
    const [cookie] = opened.headers["set-cookie"]!;
    expect(cookie).toMatch(/; HttpOnly/);
    expect(cookie).toMatch(/; SameSite=Strict/);
    expect((await ask("/v1/images", { cookie: cookie!.split(";")[0]! })).status).toBe(200);
    expectError(await ask("/v1/images", { cookie: cookie!.split(";")[0]!.slice(0, -1) }), "unauthorized");
  });
});

const SVG = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>';

function halfOf(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, bytes.length / 2);
}

function logitsOf(value: number): string {
  return Buffer.from(new Float32Array(256 * 256).fill(value).buffer).toString("base64");
}

function manyPoints(count: number) {
  return { pointCoords: Array(count).fill([1, 1]), pointLabels: Array(count).fill(1) };
}

/** A part's head and then zeros. */
async function* endless(bytes: number): AsyncGenerator<Uint8Array> {
  const head = (multipart(new Uint8Array(0)).body as Buffer).subarray(0, -30);
  yield head;
  const block = Buffer.alloc(2 ** 20);
  for (let sent = head.length; sent < bytes; sent += block.length) yield block.subarray(0, bytes - sent);
}
