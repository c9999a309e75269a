import { type ChildProcess, fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Channel } from "@segany/runtime";
import type { EngineReply, EngineRequest } from "../engine/messages.js";

/**
 * Starts the child process that runs a model. `session.run` holds up the event loop of its process for seconds and
 * can only be broken off by ending the process, so neither happens in the caller's.
 */
export function openEngineProcess(): Channel<EngineRequest, EngineReply> {
  const child = fork(fileURLToPath(new URL("./node-engine-main.js", import.meta.url)), [], {
    serialization: "advanced",
    execArgv: [],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  const atExit = () => child.kill("SIGKILL");
  process.once("exit", atExit);
  let waiting = 0;
  rest(child);
  return {
    send(message) {
      if (!child.connected) return;
      if (message.kind !== "cancel" && waiting++ === 0) wake(child);
      child.send(message, () => undefined); // an end that is gone is told through onClose
    },
    onMessage(listener) {
      child.on("message", (message) => {
        const reply = message as EngineReply;
        if (reply.kind !== "progress" && reply.kind !== "notice" && --waiting === 0) rest(child);
        listener(reply);
      });
    },
    onClose(listener) {
      child.once("error", (error) => listener(error.message));
      child.once("exit", (code, signal) => {
        process.removeListener("exit", atExit);
        listener(signal ? `signal ${signal}` : `exit status ${code}`);
      });
    },
    kill: atExit,
  };
}

/** Lets this process end while the child has nothing to do. */
function rest(child: ChildProcess): void {
  child.unref();
  child.channel?.unref();
}

/** Keeps this process alive while an answer is due. */
function wake(child: ChildProcess): void {
  child.ref();
  child.channel?.ref();
}
