import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { expect, onTestFinished } from "vitest";
import type { StoreLocation } from "../store/open-store.js";

/** Long enough for a heartbeat in time, short enough to wait for its end. */
const LEASE_MS = 500;

/** An engine under test: its workers' program, and what these need. */
export interface LawsEngine {
  /** Path of a program that calls `runLawsWorker`. */
  readonly main: string;
  readonly location: StoreLocation;
  /** Address of Redis, if the engine has one. */
  readonly redis?: string;
}

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
  { main, ...engine }: LawsEngine,
  worker: string,
  options: { readonly once?: true } = {},
): WorkerProcess {
  const settings = JSON.stringify({ ...engine, worker, leaseMs: LEASE_MS, ...options });
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
