import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { paths } from "@segany/server/contract";
import { beforeAll, describe, expect, it } from "vitest";
import { startImageProcess } from "../dist/images/image-process.js";
import { pageBomb, svgBomb, textBomb } from "./bombs.js";
import { createClient, expectError, multipart, send } from "./client.js";
import { createWorkplace, type ServerProcess } from "./server-process.js";
import { paintImage, pillowImage } from "./test-images.js";

/** What the server's own process may come to while others decode. */
const MAX_MAIN_MIB = 500;

const workplace = createWorkplace();
let server: ServerProcess;

beforeAll(async () => {
  server = await workplace.start(workplace.folder("data"));
});

const upload = (bytes: Uint8Array, name?: string) =>
  send(server.address, {
    method: "POST",
    path: `/${paths.images()}`,
    ...multipart(bytes, name === undefined ? {} : { name }),
  });

/** The most memory that a process has had, where the system tells. */
function peakMib(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
  } catch {
    return 0;
  }
}

/** Processes that decode images for the server, where the system tells. */
function decoders(): number[] {
  try {
    return readdirSync("/proc")
      .filter((name) => /^\d+$/.test(name))
      .filter((pid) => {
        try {
          const parent = /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
          const command = readFileSync(`/proc/${pid}/cmdline`, "utf8");
          return Number(parent) === server.pid && command.includes("image-process-main");
        } catch {
          return false; // it ended meanwhile
        }
      })
      .map(Number);
  } catch {
    return [];
  }
}

describe("an upload that is dear to decode", () => {
  it.each([
    ["an SVG", () => svgBomb(30 * 2 ** 20), "a.svg"],
    ["an SVG that is called a JPEG", () => svgBomb(30 * 2 ** 20), "a.jpg"],
    ["many pages of TIFF", () => pageBomb(700_000), "a.tif"],
    ["packed texts", () => textBomb("zTXt", 900), "a.png"],
    ["packed texts of another kind", () => textBomb("iTXt", 900), "a.png"],
  ])("costs the server nothing: %s", async (_name, make, name) => {
    const answer = await upload(make(), name);
    expect([201, 415, 422]).toContain(answer.status);
    expect(peakMib(server.pid)).toBeLessThan(MAX_MAIN_MIB);
    for (const pid of decoders()) expect(peakMib(pid)).toBeLessThan(MAX_MAIN_MIB);
  });

  it("is answered in its turn, and so are those after it", async () => {
    const answers = await Promise.all([
      upload(svgBomb(2 ** 20)),
      upload(textBomb("zTXt", 300)),
      ...[1, 2, 3].map(async (seed) => upload(await paintImage(seed))),
    ]);
    expect(answers.map(({ status }) => status)).toEqual([415, 201, 201, 201, 201]);
  });
});

describe("what an upload is", () => {
  it.each([
    ["SVG", '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'],
    ["SVG", '\ufeff  \n<?xml version="1.0"?><!-- a --><svg width="9" height="9"/>'],
    ["SVG", '<!-- <x> --><svg:svg xmlns:svg="http://www.w3.org/2000/svg"/>'],
    ["compressed by gzip", Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0)],
    ["PDF", "%PDF-1.7\n"],
    ["GIF", pillowImage("first.gif")],
    ["BMP", "BM\0\0\0\0"],
    ["of an unknown format", "P6 1 1 255 abc"],
  ])("is told by its first bytes, whatever its name says: %s", async (kind, bytes) => {
    const answer = await upload(Buffer.from(bytes), "photo.jpg");
    expectError(answer, "unsupported-media-type");
    expect(answer.text).toContain(`The file is ${kind};`);
  });
});

it.skipIf(process.platform !== "linux")("loses no upload when a decoder is killed", async () => {
  const client = createClient(server.address);
  await client.upload(await paintImage(20));
  const killed = decoders();
  expect(killed.length).toBeGreaterThan(0);
  const uploads = [21, 22, 23, 24].map(async (seed) =>
    client.upload(await paintImage(seed, { width: 2000, height: 1500 })),
  );
  for (const pid of killed) process.kill(pid, "SIGKILL");
  for (const { width } of await Promise.all(uploads)) expect(width).toBe(2000);
});

it("ends a decoder that takes more memory than it may, and says so", async () => {
  const folder = workplace.folder("memory");
  mkdirSync(folder);
  const path = join(folder, "a.png");
  writeFileSync(path, await paintImage(30, { width: 3000, height: 3000 }));
  const decoder = startImageProcess();
  const task = { path, outputPath: join(folder, "out"), maxSide: undefined, maxPixels: 1e8 };
  await expect(decoder.call("render", { ...task, memoryLimitBytes: 2 ** 20 })).rejects.toMatchObject({
    code: "image-unreadable",
    message: expect.stringContaining("more than 1 MiB"),
  });
  await expect.poll(() => decoder.ended).toBe("signal SIGKILL");
});
