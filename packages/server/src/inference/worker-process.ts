import { fork } from "node:child_process";
import { setPriority } from "node:os";
import { fileURLToPath } from "node:url";
import { ServerError, WorkerLostError } from "../errors.js";
import type { FromWorker, ToWorker, WorkerCalls, WorkerEvent, WorkerMethod } from "./messages.js";

/** Steps of "nice" by which workers come after the server's own process. */
const NICENESS = 5;

/** How long a cancelled call may go on to its next step before its process is ended. */
const CANCEL_GRACE_MS = 3000;

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: ((event: WorkerEvent) => void) | undefined;
}

/** A process with a model. */
export interface Worker {
  readonly pid: number;
  /** @throws ServerError with the worker's code; `internal` when the process ended; `overloaded` when cancelled */
  call<M extends WorkerMethod>(
    method: M,
    input: WorkerCalls[M]["input"],
    options?: CallOptions,
  ): Promise<WorkerCalls[M]["output"]>;
  /** Called once when the process has ended, with how. */
  onExit(listener: (how: string) => void): void;
  kill(): void;
}

interface Pending {
  readonly resolve: (output: never) => void;
  readonly reject: (error: ServerError) => void;
  readonly onEvent: ((event: WorkerEvent) => void) | undefined;
}

/** Starts a worker process; its first call has to be `start`. */
export function startWorkerProcess(): Worker {
  const child = fork(fileURLToPath(new URL("./worker-main.js", import.meta.url)), [], {
    serialization: "advanced",
    execArgv: [],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  giveWay(child.pid);
  const kill = () => void child.kill("SIGKILL");
  process.once("exit", kill);
  const pending = new Map<number, Pending>();
  const listeners: ((how: string) => void)[] = [];
  let gone: string | undefined;
  let nextId = 1;

  child.on("message", (message) => receive(pending, message as FromWorker));
  const end = (how: string) => {
    if (gone) return;
    gone = how;
    process.removeListener("exit", kill);
    for (const { reject } of pending.values()) reject(new WorkerLostError(how));
    pending.clear();
    for (const listener of listeners) listener(how);
  };
  child.once("error", (error) => end(error.message));
  child.once("exit", (code, signal) => end(signal ? `signal ${signal}` : `exit status ${code}`));

  const send = (message: ToWorker) => void child.send(message, () => undefined); // `exit` tells of an end that is gone
  return {
    pid: child.pid ?? 0,
    kill,
    onExit: (listener) => void (gone ? listener(gone) : listeners.push(listener)),
    async call(method, input, { signal, onEvent } = {}) {
      if (gone) throw new WorkerLostError(gone);
      const id = nextId++;
      const answer = new Promise<never>((resolve, reject) => pending.set(id, { resolve, reject, onEvent }));
      let timer: NodeJS.Timeout | undefined;
      const cancel = () => {
        send({ kind: "cancel", id });
        timer = setTimeout(kill, CANCEL_GRACE_MS);
      };
      if (signal?.aborted) cancel();
      signal?.addEventListener("abort", cancel, { once: true });
      send({ kind: "call", id, method, input });
      try {
        return await answer;
      } finally {
        pending.delete(id);
        clearTimeout(timer);
        signal?.removeEventListener("abort", cancel);
      }
    },
  };
}

function receive(pending: ReadonlyMap<number, Pending>, message: FromWorker): void {
  const call = pending.get(message.id);
  switch (message.kind) {
    case "result":
      call?.resolve(message.output as never);
      break;
    case "event":
      call?.onEvent?.(message.event);
      break;
    case "error":
      call?.reject(new ServerError(message.code, message.message, causeOf(message)));
      break;
  }
}

function causeOf({ cause }: Extract<FromWorker, { kind: "error" }>): ErrorOptions {
  if (cause === undefined) return {};
  const error = new Error(cause.split("\n", 1)[0]);
  error.stack = cause;
  return { cause: error };
}

/** Workers take every core: without this, `/health` and small answers would wait for their turn among them. */
export function giveWay(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, NICENESS);
  } catch {
    // it has ended already, or the system doesn't allow it: then it runs as others do
  }
}
