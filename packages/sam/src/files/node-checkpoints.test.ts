import { createHash } from "node:crypto";
import {
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
} from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { findModelVariant, type ModelVariant } from "../checkpoint/registry.js";
import { type DownloadOptions, downloadCheckpoint, findCheckpoint } from "./node-checkpoints.js";

const content = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, i) => (i * 31 + (i >> 8)) % 251));
const digest = (algorithm: string, bytes: Uint8Array) => createHash(algorithm).update(bytes).digest("hex");
const variant: ModelVariant = {
  name: "test_model",
  architecture: "vit_b",
  description: "",
  licence: "Apache-2.0",
  page: "https://example.org/",
  source: {
    kind: "download",
    fileName: "test.pth",
    url: "https://example.org/test.pth",
    sizeBytes: content.length,
    sha256: digest("sha256", content),
    md5: digest("md5", content),
  },
};

type Handler = (request: IncomingMessage, response: ServerResponse, start: number) => void;

/** Answers ranges as a file server does. */
const serveRanges =
  (file: Buffer, etag = '"v1"'): Handler =>
  (request, response, start) => {
    const isRange = request.headers.range !== undefined && (request.headers["if-range"] ?? etag) === etag;
    if (isRange && start >= file.length) {
      response.writeHead(416, { "content-range": `bytes */${file.length}` }).end();
      return;
    }
    const body = isRange ? file.subarray(start) : file;
    const range = `bytes ${start}-${file.length - 1}/${file.length}`;
    response.writeHead(isRange ? 206 : 200, {
      etag,
      "content-length": body.length,
      ...(isRange && { "content-range": range }),
    });
    response.end(body);
  };

/** Announces the rest of the file, sends so many bytes of it, and breaks the connection. */
const cutAfter =
  (bytes: number): Handler =>
  (_, response, start) => {
    const range = `bytes ${start}-${content.length - 1}/${content.length}`;
    response.writeHead(start > 0 ? 206 : 200, {
      etag: '"v1"',
      "content-length": content.length - start,
      ...(start > 0 && { "content-range": range }),
    });
    response.write(content.subarray(start, start + bytes));
    void untilWritten(start + bytes).then(() => response.destroy());
  };

/**
 * What is sent and not yet read when a connection breaks is lost: waits until the download has so many bytes
 * on the disk.
 */
async function untilWritten(bytes: number): Promise<void> {
  const written = async () => Promise.all((await readdir(folder)).map((name) => stat(join(folder, name))));
  await expect.poll(async () => (await written()).map(({ size }) => size)).toContain(bytes);
}

let server: Server;
let cacheDir: string;
let folder: string;
let part: string;
/** One handler a request; the last one answers all that follow. */
let handlers: Handler[];
let starts: number[];

beforeEach(async () => {
  cacheDir = await mkdtemp(join(tmpdir(), "segany-download-"));
  folder = join(cacheDir, "checkpoints");
  part = join(folder, "test.pth.part");
  starts = [];
  server = createServer((request, response) => {
    const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    starts.push(start);
    const handler = handlers.length > 1 ? handlers.shift()! : handlers[0];
    handler(request, response, start);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});

afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await rm(cacheDir, { recursive: true, force: true, maxRetries: 10 });
});

const baseUrl = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}/mirror`;
const download = (options: DownloadOptions = {}) =>
  downloadCheckpoint(variant, { cacheDir, baseUrl: baseUrl(), ...options });
const expectWhole = async (path: string) => {
  expect((await readFile(path)).equals(content)).toBe(true);
  expect(await readdir(folder)).toEqual(["test.pth"]);
};
const leavePart = async (bytes: Uint8Array, path = part) => {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, bytes);
};

/** Announces the rest of the file, sends so many bytes of it, and then nothing for ever. */
const stallAfter =
  (bytes: number): Handler =>
  (_, response, start) => {
    const range = `bytes ${start}-${content.length - 1}/${content.length}`;
    response.writeHead(start > 0 ? 206 : 200, {
      etag: '"v1"',
      "content-length": content.length - start,
      ...(start > 0 && { "content-range": range }),
    });
    if (bytes > 0) response.write(content.subarray(start, start + bytes));
    else response.flushHeaders();
  };

describe("a server that stalls", () => {
  const never: Handler = () => undefined;

  it("is asked again, and the download goes on where it stopped", async () => {
    handlers = [stallAfter(100_000), never, stallAfter(50_000), serveRanges(content)];
    await expectWhole(await download({ idleTimeoutMs: 2000 })); // the time itself is tested
    expect(starts).toEqual([0, 100_000, 100_000, 150_000]);
  });

  it.each([
    ["before it answers", never],
    ["after its headers", stallAfter(0)],
  ])("is given up after three silent connections, %s, and what came is kept", async (_, silent) => {
    handlers = [stallAfter(100_000), silent, silent, silent];
    const options = { idleTimeoutMs: 2000 }; // the time itself is tested
    await expect(download(options)).rejects.toMatchObject({
      code: "download-failed",
      message: expect.stringContaining("sent nothing for 2 s"),
    });
    expect(starts).toEqual([0, 100_000, 100_000, 100_000]);
    expect((await readFile(part)).equals(content.subarray(0, 100_000))).toBe(true);
  });

  it("ends at once when it is cancelled meanwhile", async () => {
    const controller = new AbortController();
    handlers = [() => controller.abort()];
    await expect(download({ signal: controller.signal })).rejects.toMatchObject({ code: "aborted" });
  });
});

describe("downloadCheckpoint", () => {
  it("fetches a file, reports how far it is, and finds it afterwards without asking again", async () => {
    handlers = [serveRanges(content)];
    const received: number[] = [];
    expect(await findCheckpoint(variant, cacheDir)).toBeUndefined();
    const path = await download({ onProgress: ({ receivedBytes }) => received.push(receivedBytes) });
    await expectWhole(path);
    expect(received).toEqual([...received].sort((a, b) => a - b));
    expect(received.at(-1)).toBe(content.length);
    expect(await findCheckpoint(variant, cacheDir)).toBe(path);
    expect(await download()).toBe(path);
    expect(starts).toEqual([0]);
  });

  it("takes no other file of the right size for the checkpoint, and replaces it", async () => {
    handlers = [serveRanges(content)];
    const path = join(folder, "test.pth");
    for (const change of [
      () => Buffer.alloc(content.length, 1),
      () => Buffer.from(content.map((byte, i) => (i === 150_000 ? byte ^ 1 : byte))),
    ]) {
      await leavePart(change(), path);
      expect(await findCheckpoint(variant, cacheDir)).toBeUndefined();
      await expectWhole(await download());
      const { atime, mtime } = await stat(path);
      expect(await findCheckpoint(variant, cacheDir)).toBe(path);
      await writeFile(path, change());
      await utimes(path, atime, mtime);
      expect(await findCheckpoint(variant, cacheDir)).toBeUndefined();
    }
  });

  it("goes on where an earlier download stopped", async () => {
    handlers = [serveRanges(content)];
    await leavePart(content.subarray(0, 100_000));
    await expectWhole(await download());
    expect(starts).toEqual([100_000]);
  });

  it("goes on with the part of a process that died, but not with one that is alive", async () => {
    handlers = [serveRanges(content)];
    const id = "00000000-0000-4000-8000-000000000000";
    const alive = join(folder, `test.pth.${hostname()}-${process.ppid}-${id}.part`);
    await leavePart(content.subarray(0, 50_000), alive);
    await leavePart(content.subarray(0, 100_000), join(folder, `test.pth.${hostname()}-4194999-${id}.part`));
    const path = await download();
    expect(starts).toEqual([100_000]);
    await rm(alive);
    await expectWhole(path);
  });

  it("writes nothing through links at the places of the part and of the file", async () => {
    handlers = [serveRanges(content)];
    await leavePart(Buffer.from("mine"), join(cacheDir, "precious"));
    await mkdir(folder, { recursive: true });
    for (const name of ["test.pth.part", "test.pth"])
      await symlink(join(cacheDir, "precious"), join(folder, name));
    const path = await download();
    expect((await readFile(path)).equals(content)).toBe(true);
    expect((await lstat(path)).isFile()).toBe(true);
    expect(await readFile(join(cacheDir, "precious"), "utf8")).toBe("mine");
    expect(starts).toEqual([0]);
  });

  it("asks for nothing when the part is complete, and drops one that is too long", async () => {
    handlers = [serveRanges(content)];
    await leavePart(content);
    await rm(await download());
    expect(starts).toEqual([]);
    await leavePart(Buffer.concat([content, content]));
    await expectWhole(await download());
    expect(starts).toEqual([0]);
  });

  it("begins anew where the server knows no ranges", async () => {
    handlers = [(_, response) => response.end(content)];
    await leavePart(content.subarray(0, 100_000));
    await expectWhole(await download());
    expect(starts).toEqual([100_000]);
  });

  it("begins anew when the server refuses the range", async () => {
    handlers = [(_, response) => response.writeHead(416).end(), serveRanges(content)];
    await leavePart(content.subarray(0, 100_000));
    await expectWhole(await download());
    expect(starts).toEqual([100_000, 0]);
  });

  it("fetches the whole file once more when a resumed one turns out wrong", async () => {
    handlers = [serveRanges(content)];
    await leavePart(new Uint8Array(100_000));
    await expectWhole(await download());
    expect(starts).toEqual([100_000, 0]);
  });

  it("takes up a connection that breaks off", async () => {
    handlers = [cutAfter(70_000), cutAfter(70_000), serveRanges(content)];
    await expectWhole(await download());
    expect(starts[0]).toBe(0);
    expect(starts.length).toBe(3);
    expect(starts[2]).toBeGreaterThan(starts[1]);
  });

  it("starts over when the file changed between two connections", async () => {
    handlers = [cutAfter(70_000), serveRanges(content, '"v2"')];
    await expectWhole(await download());
    expect(starts.length).toBe(2);
  });

  it("keeps what it has when the connection stays broken, and says where to get the file", async () => {
    handlers = [cutAfter(70_000), (_, response) => void response.destroy()];
    const error = await download().catch((reason) => reason);
    expect(error).toMatchObject({ code: "download-failed" });
    for (const hint of [`${baseUrl()}/test.pth`, folder, "test.pth"]) expect(error.message).toContain(hint);
    expect(await readdir(folder)).toEqual(["test.pth.part"]);
    const kept = await readFile(part);
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.equals(content.subarray(0, kept.length))).toBe(true);
    handlers = [serveRanges(content)];
    await expectWhole(await download());
    expect(starts.at(-1)).toBe(kept.length);
  });

  it("refuses a file of the right size and the wrong hash, names both hashes and keeps nothing", async () => {
    const other = Buffer.from(content);
    other[123_456] ^= 1;
    handlers = [serveRanges(other)];
    const error = await download().catch((reason) => reason);
    expect(error).toMatchObject({ code: "download-failed" });
    expect(error.message).toContain(digest("sha256", content));
    expect(error.message).toContain(digest("sha256", other));
    expect(await readdir(folder)).toEqual([]);
    expect(starts).toEqual([0]);
  });

  it.each<[string, Handler]>([
    ["another size announced", serveRanges(Buffer.concat([content, content]))],
    [
      "more bytes sent than the file has, without announcing them",
      (_, response) => {
        response.writeHead(200, { "transfer-encoding": "chunked" });
        response.end(Buffer.concat([content, content]));
      },
    ],
    ["an error status", (_, response) => response.writeHead(503).end("try later")],
    ["a login page", (_, response) => response.end("<html>please sign in</html>")],
  ])("refuses %s", async (_, handler) => {
    handlers = [handler];
    await expect(download()).rejects.toMatchObject({ code: "download-failed" });
    expect(await readdir(folder)).toEqual([]);
    expect(starts).toEqual([0]);
  });

  it("says what to fetch and where to put it when there is no network", async () => {
    const noNetwork = async () => {
      throw new TypeError("fetch failed", { cause: new Error("getaddrinfo ENOTFOUND example.org") });
    };
    const error = await downloadCheckpoint(variant, { cacheDir, fetch: noNetwork }).catch((reason) => reason);
    expect(error).toMatchObject({ code: "download-failed" });
    for (const part of ["ENOTFOUND", "https://example.org/test.pth", folder])
      expect(error.message).toContain(part);
  });

  it("leaves only a part when it is cancelled", async () => {
    handlers = [(_, response) => void response.write(content.subarray(0, 80_000))];
    const controller = new AbortController();
    const stopped = download({
      signal: controller.signal,
      onProgress: ({ receivedBytes }) => receivedBytes === 80_000 && controller.abort(),
    });
    await expect(stopped).rejects.toMatchObject({ code: "aborted" });
    expect(await readdir(folder)).toEqual(["test.pth.part"]);
    expect((await readFile(part)).equals(content.subarray(0, 80_000))).toBe(true);
    const already = AbortSignal.abort();
    await expect(download({ signal: already })).rejects.toMatchObject({ code: "aborted" });
  });

  it("lets several downloads of one file run at once", async () => {
    handlers = [serveRanges(content)];
    await leavePart(content.subarray(0, 100_000));
    const paths = await Promise.all([download(), download(), download()]);
    expect(new Set(paths).size).toBe(1);
    await expectWhole(paths[0]);
    expect([...starts].sort()).toEqual([0, 0, 100_000]);
  });

  it("says so when the folder cannot be written", async () => {
    handlers = [serveRanges(content)];
    await writeFile(folder, "a file where the folder should be");
    await expect(download()).rejects.toMatchObject({
      code: "file-unwritable",
      message: expect.stringContaining("SEGANY_CACHE"),
    });
  });

  it("has nothing to do for the embedded model", async () => {
    const embedded = findModelVariant("mobile_sam");
    await expect(downloadCheckpoint(embedded, { cacheDir })).rejects.toMatchObject({
      code: "option-invalid",
    });
    expect(await findCheckpoint(embedded, cacheDir)).toBeUndefined();
  });
});
