/** For tests: the command `segany serve` as a real process, with a folder and a cache of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";
import { LIMITS } from "../../../scripts/testing/limits.mjs";

const program = fileURLToPath(new URL("../../cli/bin/segany.js", import.meta.url));

export interface ServerProcess {
  /** Without a slash at the end: "http://127.0.0.1:41234". */
  readonly address: string;
  readonly pid: number;
  /** What it has printed so far, both streams. */
  output(): string;
  /** Sends a signal (SIGINT unless said otherwise) and waits for the end. */
  end(signal?: NodeJS.Signals): Promise<{ readonly status: number | null }>;
}

export interface Workplace {
  /** A new folder for a server's data. */
  folder(name: string): string;
  /** How `segany serve` is started here: program and arguments, and its environment. */
  commandLine(
    directory: string,
    args: readonly string[],
  ): { readonly command: readonly [string, ...string[]]; readonly env: NodeJS.ProcessEnv };
  /**
   * Starts a server on a free port and waits until it prints its address, and unless told otherwise until it
   * is ready.
   */
  start(
    directory: string,
    args?: readonly string[],
    options?: { readonly wait?: boolean },
  ): Promise<ServerProcess>;
  /** Runs it for its end, for command lines that don't start a server. */
  run(
    directory: string,
    args: readonly string[],
  ): Promise<{ readonly status: number | null; readonly output: string }>;
}

/** Folders and servers of one test file; after its last test what still runs is ended and all is removed. */
export function createWorkplace(): Workplace {
  const root = mkdtempSync(join(tmpdir(), "segany-server-"));
  const running = new Set<ChildProcess>();

  const commandLine: Workplace["commandLine"] = (directory, args) => ({
    command: [process.execPath, program, "serve", directory, ...args],
    env: { ...process.env, SEGANY_CACHE: join(root, "cache"), SEGANY_DEBUG: "" },
  });

  function launch(directory: string, args: readonly string[]) {
    const { command, env } = commandLine(directory, args);
    const child = spawn(command[0], command.slice(1), { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
    let text = "";
    const collect = (chunk: Buffer) => {
      text += chunk.toString();
    };
    child.stdout.on("data", collect);
    child.stderr.on("data", collect);
    running.add(child);
    const ended = new Promise<{ status: number | null }>((resolve) =>
      child.once("close", (status) => {
        running.delete(child);
        resolve({ status });
      }),
    );
    return { child, ended, output: () => text };
  }

  afterAll(async () => {
    for (const child of running) child.kill("SIGKILL");
    while (running.size > 0) await sleep(20);
    rmSync(root, { recursive: true, force: true });
  });

  return {
    commandLine,
    folder: (name) => join(root, name),
    async run(directory, args) {
      const { ended, output } = launch(directory, args);
      const { status } = await ended;
      return { status, output: output() };
    },
    async start(directory, args = [], { wait = true } = {}) {
      const { child, ended, output } = launch(directory, ["--port", "0", ...args]);
      const address = await poll(child, output, async () => /http:\/\/[^\s"/]+/.exec(output())?.[0]);
      if (wait) await poll(child, output, async () => ((await isReady(address)) ? true : undefined));
      return {
        address,
        pid: child.pid!,
        output,
        end(signal = "SIGINT") {
          child.kill(signal);
          return ended;
        },
      };
    },
  };
}

async function isReady(address: string): Promise<boolean> {
  const response = await fetch(`${address}/ready`);
  await response.arrayBuffer();
  return response.status === 200;
}

/** Asks until there is an answer, or the process has ended, or too long has passed. */
async function poll<T>(
  child: ChildProcess,
  output: () => string,
  ask: () => Promise<T | undefined>,
): Promise<T> {
  for (const start = Date.now(); Date.now() - start < LIMITS.eventMs; ) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    if (child.exitCode !== null || child.signalCode !== null) break;
    await sleep(25);
  }
  throw new Error(`The server did not start:\n${output()}`);
}

/** Processes below a process, on Linux; empty elsewhere. */
export function descendants(pid: number): number[] {
  let children: number[] = [];
  try {
    children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
      .split(" ")
      .filter(Boolean)
      .map(Number);
  } catch {
    return [];
  }
  return children.flatMap((child) => [child, ...descendants(child)]);
}

/** Whether a process runs (one that has ended and is not yet collected does not). */
export function isAlive(pid: number): boolean {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
  } catch {
    return false;
  }
}
