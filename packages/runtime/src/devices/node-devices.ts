/** Where and how inference runs: the one place that decides device, threads and precision. */

import { readdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import type { Precision } from "@segany/graph";
import { SamError } from "@segany/masks";
import { listSupportedBackends } from "onnxruntime-node";
import { DEVICES, type Device } from "../sessions/device.js";
import { cpuQuota } from "./node-cpu-quota.js";

const PRECISIONS: readonly Precision[] = ["fp32", "int8"];

/** The variable for processes that share a machine: threads for one operation where a call names none. */
const THREADS_VARIABLE = "SEGANY_THREADS";

/** What a caller asks for. */
export interface DeviceRequest {
  /** ONNX Runtime's name of the execution provider: cpu (default), cuda, webgpu, coreml, dml. */
  readonly device?: string;
  /**
   * Threads for one operation; by default SEGANY_THREADS, else one a processor core, at most as many as a
   * container may use.
   */
  readonly threads?: number;
  /** Arithmetic of the image encoder: fp32 (default), or int8, which is faster and changes masks a little. */
  readonly precision?: Precision;
}

/** What it gets. */
export interface ResolvedDevice {
  readonly device: Device;
  readonly threads: number;
  readonly precision: Precision;
  /**
   * Whether eight-bit products have to be added in a slower way: without instructions for dot products, x64
   * processors add pairs of them in 16 bits, which overflow.
   */
  readonly widenInt8: boolean;
  /** Sentences about what may not be as expected, for people. */
  readonly notes: readonly string[];
}

/** What this machine and this build of ONNX Runtime offer. */
export interface Machine {
  /** Providers that the build has; others need files that it does not bring along. */
  readonly backends: readonly { readonly name: string; readonly bundled: boolean }[];
  /** Threads that may run at once. */
  readonly parallelism: number;
  /** Cores, where the operating system tells: two threads of one core share its arithmetic units. */
  readonly physicalCores: number | undefined;
  /** Threads for one operation that the user wants where a call names none: the variable SEGANY_THREADS. */
  readonly wantedThreads?: number | undefined;
  /**
   * Whether the processor adds eight-bit products without overflow; false where the operating system does not
   * tell.
   */
  readonly hasInt8DotProducts: boolean;
}

/**
 * Looks at the machine.
 *
 * @throws SamError `option-invalid` when SEGANY_THREADS is no number of threads
 *
 * @example
 * console.log(thisMachine().backends.length > 0); // true
 */
export function thisMachine(): Machine {
  return {
    backends: listSupportedBackends(),
    parallelism: Math.min(availableParallelism(), wholeProcessors(cpuQuota())),
    physicalCores: countPhysicalCores(),
    wantedThreads: wantedThreads(process.env[THREADS_VARIABLE]),
    hasInt8DotProducts: hasInt8DotProducts(),
  };
}

/** Threads beyond a quota are stopped for the rest of each period, those that others wait for included. */
function wholeProcessors(quota = Number.POSITIVE_INFINITY): number {
  return Math.max(1, Math.floor(quota));
}

/**
 * Settles where to run. A device that ONNX Runtime lists may still fail when a session is opened, for want of
 * a driver; that is told then.
 *
 * @throws SamError `device-unavailable` with what is there, `option-invalid` for threads or precision out of
 *   range
 *
 * @example
 * const { device, precision } = resolveDevice({ threads: 2 });
 * console.log(device, precision); // cpu fp32
 */
export function resolveDevice(
  { device = "cpu", threads, precision = "fp32" }: DeviceRequest = {},
  machine: Machine = thisMachine(),
): ResolvedDevice {
  const known = checkDevice(device, machine);
  checkPrecision(precision, known);
  const settled = threads === undefined ? defaultThreads(machine) : checkThreads(threads);
  const widenInt8 = precision === "int8" && !machine.hasInt8DotProducts;
  const notes = notesOn(known, settled, widenInt8, machine);
  return { device: known, threads: settled, precision, widenInt8, notes };
}

function checkDevice(device: string, { backends }: Machine): Device {
  const known = DEVICES.find((name) => name === device);
  if (known && (known === "cpu" || backends.some(({ name }) => name === known))) return known;
  const there = DEVICES.filter((name) => name === "cpu" || backends.some((backend) => backend.name === name));
  const why = known ? "This build of ONNX Runtime has no device" : "There is no device";
  throw new SamError(
    "device-unavailable",
    `${why} "${device}"; it has ${there.join(", ")}. Choose one of them.`,
  );
}

function checkPrecision(precision: Precision, device: Device): void {
  if (!PRECISIONS.includes(precision)) {
    throw new SamError("option-invalid", `The precision is "${precision}"; it must be fp32 or int8.`);
  }
  if (precision === "int8" && device !== "cpu") {
    throw new SamError(
      "option-invalid",
      `Precision int8 is for the processor; on ${device} its operations would run on the processor all the same. Leave --precision out, or use --device cpu.`,
    );
  }
}

/**
 * Two threads of one core only wait for each other in matrix products, so cores count, not hardware threads.
 */
function defaultThreads({ parallelism, physicalCores, wantedThreads }: Machine): number {
  if (wantedThreads !== undefined) return wantedThreads;
  return Math.max(1, Math.min(parallelism, physicalCores ?? parallelism));
}

function wantedThreads(text: string | undefined): number | undefined {
  return text === undefined || text === "" ? undefined : checkThreads(Number(text), THREADS_VARIABLE, text);
}

function checkThreads(threads: number, name = "threads", written: number | string = threads): number {
  if (Number.isInteger(threads) && threads >= 1) return threads;
  throw new SamError("option-invalid", `${name} is ${written}; it must be a whole number from 1 on.`);
}

function notesOn(
  device: Device,
  threads: number,
  widenInt8: boolean,
  { backends, parallelism }: Machine,
): string[] {
  const notes: string[] = [];
  if (device !== "cpu") notes.push(`Operations that ${device} lacks run on the processor.`);
  if (backends.some(({ name, bundled }) => name === device && !bundled)) {
    notes.push(`${device} needs libraries that ONNX Runtime does not bring along.`);
  }
  if (threads > parallelism) {
    notes.push(`${threads} threads share ${parallelism} of the processor; more than that make it slower.`);
  }
  if (widenInt8) {
    notes.push("No instructions for eight-bit dot products were found: int8 gains less speed than it could.");
  }
  return notes;
}

/** On x64 they came with VNNI; ONNX Runtime's kernels for other processors never overflow. */
function hasInt8DotProducts(): boolean {
  if (process.arch !== "x64") return true;
  try {
    return /\b(avx512_vnni|avx_vnni)\b/.test(readFileSync("/proc/cpuinfo", "utf8"));
  } catch {
    return false; // not Linux
  }
}

/** Distinct sets of sibling threads on Linux; other systems have no file that tells. */
function countPhysicalCores(): number | undefined {
  const folder = "/sys/devices/system/cpu";
  try {
    const cores = readdirSync(folder)
      .filter((name) => /^cpu\d+$/.test(name))
      .map((name) => readFileSync(`${folder}/${name}/topology/thread_siblings_list`, "utf8").trim());
    return new Set(cores).size || undefined;
  } catch {
    return undefined; // not Linux, or a container that hides it
  }
}
