import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { StoreLocation } from "@segany/data-engine";
import { expect, onTestFinished } from "vitest";

const main = fileURLToPath(new URL("worker-main.mjs", import.meta.url));

/** Long enough for a heartbeat in time, short enough to wait for its end. */
const LEASE_MS = 500;

export interface WorkerProcess {
  /** Names of the events so far. */
  readonly events: readonly string[];
  /** Resolves when the process has printed this event, or has ended. */
  until(event: string): Promise<void>;
  signal(name: NodeJS.Signals): void;
  /** Lets the item end that waits for it. */
  go(): void;
  readonly ended: Promise<unknown>;
}

/** @param options.once ends the worker after its first item */
export function startWorkerProcess(
  location: StoreLocation,
  worker: string,
  options: { readonly once?: true } = {},
): WorkerProcess {
  const settings = JSON.stringify({ location, worker, leaseMs: LEASE_MS, ...options });
  const child = spawn(process.execPath, [main, settings], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const events: string[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => events.push(JSON.parse(line).event));
  const ended = once(child, "close");
  child.stdin.on("error", () => undefined); // it may have been killed
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await ended;
  });
  return {
    events,
    async until(event) {
      await expect.poll(() => events.includes(event) || hasEnded(child)).toBe(true);
    },
    signal: (name) => void child.kill(name),
    go: () => void child.stdin.write("go\n"),
    ended,
  };
}

const hasEnded = (child: ChildProcess) => child.exitCode !== null || child.signalCode !== null;
