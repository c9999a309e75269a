import { type ChildProcess, fork, type Serializable } from "node:child_process";
import { setPriority } from "node:os";
import { fileURLToPath } from "node:url";
import type { Channel } from "./channel.js";

/** A channel to a child process. */
export interface ChildChannel extends Channel {
  /** 0 when it could not be started, which `onClose` tells. */
  readonly pid: number;
}

/** Options of a child process. */
export interface ChildOptions {
  /** Steps of "nice" by which it comes after this process. */
  readonly niceness?: number;
  /** Variables on top of this process's. */
  readonly env?: NodeJS.ProcessEnv;
}

/**
 * How long the one end of a child may be known before the other: that it has exited, or that its channel has
 * closed.
 */
const OTHER_END_MS = 1000;

const living = new Set<ChildProcess>();
const killAll = () => {
  for (const child of living) child.kill("SIGKILL");
};

/**
 * Starts a child process that answers over `parentChannel`. It ends with this process, however this ends.
 * While no answer is due, it does not keep this process alive.
 *
 * @param entry the module it runs
 */
export function forkChannel(entry: URL, { niceness = 0, env = {} }: ChildOptions = {}): ChildChannel {
  const child = fork(fileURLToPath(entry), [], {
    serialization: "advanced",
    execArgv: [],
    env: { ...process.env, ...env },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  if (living.size === 0) process.once("exit", killAll);
  living.add(child);
  giveWay(child.pid, niceness);
  setBusy(child, false);
  return {
    pid: child.pid ?? 0,
    // onClose tells
    send: (message) => void (child.connected && child.send(message as Serializable, () => undefined)),
    onMessage: (listener) => void child.on("message", listener),
    onClose: (listener) => watchEnd(child, listener),
    kill: () => void child.kill("SIGKILL"),
    setBusy: (busy) => setBusy(child, busy),
  };
}

/**
 * A process that has exited may have left messages that are still to be read; its channel closes after them.
 */
function watchEnd(child: ChildProcess, listener: (how: string) => void): void {
  let exit: string | undefined;
  let timer: NodeJS.Timeout | undefined;
  const end = (how: string) => {
    clearTimeout(timer);
    if (!living.delete(child)) return;
    if (living.size === 0) process.removeListener("exit", killAll);
    child.kill("SIGKILL"); // it may live, but can't be spoken to
    listener(how);
  };
  child.on("error", (error) => end(error.message));
  child.on("exit", (code, signal) => {
    exit = signal ? `signal ${signal}` : `exit status ${code}`;
    if (child.connected) timer = setTimeout(end, OTHER_END_MS, exit);
    else end(exit);
  });
  child.on("disconnect", () => {
    if (exit !== undefined) end(exit);
    else timer = setTimeout(end, OTHER_END_MS, "its channel was closed");
  });
}

/** An idle child lets this process end. */
function setBusy(child: ChildProcess, busy: boolean): void {
  if (busy) child.ref();
  else child.unref();
  if (busy) child.channel?.ref();
  else child.channel?.unref();
}

/** Children take every core: without this, what this process has to do would wait for its turn among them. */
function giveWay(pid: number | undefined, niceness: number): void {
  try {
    if (pid !== undefined && niceness > 0) setPriority(pid, niceness);
  } catch {
    // it has ended already, or the system doesn't allow it: then it runs as others do
  }
}
