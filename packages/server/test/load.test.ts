import { spawn } from "node:child_process";
import { once } from "node:events";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

it("clients that click at the same time are answered, or told to come back", async () => {
  const script = fileURLToPath(new URL("../../../benchmarks/server-load.mjs", import.meta.url));
  const args = [script, "--clients", "6", "--images", "3", "--seconds", "5"];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const [output, [status]] = await Promise.all([text(child.stdout), once(child, "close")]);
  expect(status, output).toBe(0);
  const { clicks, faults } = JSON.parse(output);
  expect(faults).toEqual({});
  expect(clicks.count).toBeGreaterThan(0);
});
