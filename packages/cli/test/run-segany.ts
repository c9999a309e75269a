/** For tests: runs the command as built, in a folder of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeEach } from "vitest";

const command = fileURLToPath(new URL("../bin/segany.js", import.meta.url));
const stillLife = fileURLToPath(new URL("../../../examples/still-life.jpg", import.meta.url));

export interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Folders of one test file: `path` is new for each test and holds the still life as photo.jpg. */
export interface Workplace {
  path: string;
  start(...args: string[]): ChildProcess;
  /** Starts with more variables in the environment, or others. */
  startWith(env: Readonly<Record<string, string>>, ...args: string[]): ChildProcess;
  runWith(env: Readonly<Record<string, string>>, ...args: string[]): Promise<Finished>;
  run(...args: string[]): Promise<Finished>;
  /** Runs with bytes at standard input. */
  runInput(input: Uint8Array, ...args: string[]): Promise<Finished>;
}

/** Makes a workplace with its own cache, removed after the file's last test. */
export function createWorkplace(): Workplace {
  const root = mkdtempSync(join(tmpdir(), "segany-cli-"));
  const children: ChildProcess[] = [];
  const startIn = (input: "ignore" | number, env: Readonly<Record<string, string>>, args: string[]) => {
    const child = spawn(process.execPath, [command, ...args], {
      cwd: workplace.path,
      env: { ...process.env, SEGANY_CACHE: join(root, "cache"), SEGANY_DEBUG: "", ...env },
      stdio: [input, "pipe", "pipe"],
    });
    children.push(child);
    return child;
  };
  const workplace: Workplace = {
    path: root,
    start: (...args) => workplace.startWith({}, ...args),
    startWith: (env, ...args) => startIn("ignore", env, args),
    runWith: (env, ...args) => finish(workplace.startWith(env, ...args)),
    run: (...args) => finish(workplace.start(...args)),
    async runInput(input, ...args) {
      const path = join(workplace.path, "standard-input");
      writeFileSync(path, input);
      const file = await open(path);
      try {
        return await finish(startIn(file.fd, {}, args));
      } finally {
        await file.close();
      }
    },
  };
  beforeEach(() => {
    workplace.path = mkdtempSync(join(root, "work-"));
    copyFileSync(stillLife, join(workplace.path, "photo.jpg"));
  });
  afterAll(() => {
    for (const child of children) child.kill("SIGKILL");
    rmSync(root, { recursive: true, force: true });
  });
  return workplace;
}

/** Waits for the end of a started command. */
export function finish(child: ChildProcess): Promise<Finished> {
  let stdout = "";
  let stderr = "";
  child.stdout?.on("data", (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on("data", (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve) => child.once("close", (status) => resolve({ status, stdout, stderr })));
}
