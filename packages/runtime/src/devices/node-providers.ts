/** Which devices really work here, for `segany doctor`. */
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";
import { DEVICES, type Device } from "../sessions/device.js";
import { type Machine, thisMachine } from "./node-devices.js";

/** A device that models could run on, and whether they can here. */
export interface DeviceFinding {
  readonly device: Device;
  readonly works: boolean;
  /** Why not; empty where it works. */
  readonly reason: string;
}

/** Long enough for a driver to wake up on a busy machine. */
const PATIENCE_MS = 120_000;

/**
 * Tries every device on a small sum. A device that is listed may still lack its driver or libraries, and what
 * is loaded for it may end a process: each is tried in one of its own, which may print what it likes.
 *
 * @example
 * const findings = await findDevices();
 * console.log(findings.find(({ device }) => device === "cpu")?.works); // true
 */
export function findDevices(machine: Machine = thisMachine()): Promise<DeviceFinding[]> {
  return Promise.all(DEVICES.map((device) => findDevice(device, machine)));
}

function findDevice(device: Device, { backends }: Machine): Promise<DeviceFinding> {
  const listed = device === "cpu" || backends.some(({ name }) => name === device);
  if (listed) return tryDevice(device);
  return Promise.resolve({ device, works: false, reason: "This build of ONNX Runtime does not have it." });
}

function tryDevice(device: Device): Promise<DeviceFinding> {
  return new Promise((resolve) => {
    const child = fork(fileURLToPath(new URL("./node-providers-main.js", import.meta.url)), [device], {
      execArgv: [],
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      timeout: PATIENCE_MS,
      killSignal: "SIGKILL",
    });
    let finding: DeviceFinding | undefined;
    child.on("message", (message) => {
      finding = message as DeviceFinding;
    });
    child.once("error", (error) => resolve({ device, works: false, reason: error.message }));
    child.once("exit", (code, signal) => {
      const how = signal ? `signal ${signal}` : `exit status ${code}`;
      resolve(finding ?? { device, works: false, reason: `The process that tried it ended (${how}).` });
    });
  });
}
