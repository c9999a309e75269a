import { type Channel, type Client, createClient, type Method } from "@segany/runtime";
import { forkChannel } from "@segany/runtime/processes";

/** What toy-process.mjs answers. */
export interface ToyProcess {
  readonly add: Method<{ readonly a: number; readonly b: number }, number>;
  readonly double: Method<Float32Array, Float32Array>;
  readonly count: Method<number, number, number>;
  readonly pid: Method<undefined, number>;
  readonly fail: Method<string, never>;
  readonly hang: Method<undefined, never>;
  readonly wait: Method<undefined, never>;
  readonly exit: Method<number, never>;
  readonly killItself: Method<NodeJS.Signals, never>;
  readonly lastWords: Method<string, string>;
  readonly closeChannel: Method<undefined, never>;
  readonly rave: Method<undefined, string>;
  readonly throwLater: Method<undefined, never>;
}

export function connect(channel: Channel = forkToy()): Client<ToyProcess> {
  return createClient<ToyProcess>(channel, {
    aborted: () => new Error("aborted"),
    lost: (how) => new Error(`lost: ${how}`),
    graceMs: 50,
    mayEnd: () => true,
  });
}

export function forkToy() {
  return forkChannel(new URL("./toy-process.mjs", import.meta.url), { niceness: 1 });
}

export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
