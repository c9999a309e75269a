import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { giveWay } from "../inference/worker-process.js";
import type { FromImageProcess, ToImageProcess } from "./image-messages.js";

/** A process that decodes one image at a time. */
export interface ImageProcess {
  /** How it ended, when it did. */
  readonly ended: string | undefined;
  /** @returns undefined when it ended before it answered */
  call(message: ToImageProcess): Promise<FromImageProcess | undefined>;
  kill(): void;
}

/** Starts a process in which a decoder may crash, fill its memory or take for ever without harm to the server. */
export function startImageProcess(): ImageProcess {
  const child = fork(fileURLToPath(new URL("./image-process-main.js", import.meta.url)), [], {
    serialization: "advanced",
    execArgv: [],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  giveWay(child.pid);
  const kill = () => void child.kill("SIGKILL");
  process.once("exit", kill);
  let settle: (answer: FromImageProcess | undefined) => void = () => undefined;
  let ended: string | undefined;
  const end = (how: string) => {
    ended ??= how;
    process.removeListener("exit", kill);
    settle(undefined);
  };
  child.on("message", (message) => settle(message as FromImageProcess));
  child.once("error", (error) => end(error.message));
  child.once("exit", (code, signal) => end(signal ? `signal ${signal}` : `exit status ${code}`));
  return {
    get ended() {
      return ended;
    },
    kill,
    call: (message) =>
      new Promise((resolve) => {
        settle = resolve;
        if (ended) resolve(undefined);
        else child.send(message, () => undefined); // `exit` tells of an end that is gone
      }),
  };
}
