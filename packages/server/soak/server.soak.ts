import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { fuzz } from "../test/fuzz.js";
import { killRounds } from "../test/kill-rounds.js";
import { createWorkplace } from "../test/server-process.js";

const workplace = createWorkplace();

test("ten thousand requests that nearly fit never are a fault of the server", async () => {
  const server = await workplace.start(workplace.folder("fuzz"));
  await fuzz(server, 10_000);
  expect(server.output()).not.toMatch(/uncaught|unhandled|request failed/i);
  await server.end();
});

test("killed twenty times in the middle of uploads and jobs, it serves what it had acknowledged", async () => {
  await killRounds(workplace, workplace.folder("kill"), 20);
});

test("fifty clients click on twenty images for two minutes while memory stays flat", async () => {
  const script = fileURLToPath(new URL("../../../benchmarks/server-load.mjs", import.meta.url));
  const child = spawn(process.execPath, [script], { stdio: ["ignore", "pipe", "inherit"] });
  const [output, [status]] = await Promise.all([text(child.stdout), once(child, "close")]);
  expect(status, output).toBe(0);
  const { clicks, refused, faults, growthMb, eventLoopP99Ms } = JSON.parse(output);
  expect(faults).toEqual({});
  expect(clicks.count).toBeGreaterThan(refused);
  expect(growthMb).toBeLessThan(64);
  expect(eventLoopP99Ms).toBeLessThan(50);
});
