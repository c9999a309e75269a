import { afterEach, describe, expect, test, vi } from "vitest";
import { type DeviceRequest, type Machine, resolveDevice, thisMachine } from "./node-devices.js";

const machine: Machine = {
  backends: [
    { name: "cpu", bundled: true },
    { name: "webgpu", bundled: true },
    { name: "cuda", bundled: false },
  ],
  parallelism: 8,
  physicalCores: 4,
  hasInt8DotProducts: true,
};

const failure = (code: string, ...parts: string[]) =>
  expect.objectContaining({
    code,
    message: expect.stringMatching(new RegExp(parts.join(".*"))),
  });

describe("the device", () => {
  afterEach(() => vi.unstubAllEnvs());

  test("is the processor in fp32 with a thread a core, unless something else is asked for", () => {
    expect(resolveDevice({}, machine)).toEqual({
      device: "cpu",
      threads: 4,
      precision: "fp32",
      widenInt8: false,
      notes: [],
    });
  });

  test("takes the threads that there are where cores are unknown or a container has fewer", () => {
    const { physicalCores: _, ...rest } = machine;
    expect(resolveDevice({}, { ...rest, physicalCores: undefined }).threads).toBe(8);
    expect(resolveDevice({}, { ...machine, parallelism: 2 }).threads).toBe(2);
  });

  test("takes the threads that are asked for, and says so when they are too many", () => {
    expect(resolveDevice({ threads: 8 }, machine)).toMatchObject({ threads: 8, notes: [] });
    expect(resolveDevice({ threads: 9 }, machine).notes.join()).toMatch(/9 threads share 8/);
  });

  test("says what a graphics processor leaves to the processor, and what it needs", () => {
    expect(resolveDevice({ device: "webgpu" }, machine).notes).toHaveLength(1);
    expect(resolveDevice({ device: "cuda" }, machine).notes.join()).toMatch(/libraries/);
  });

  test("adds eight-bit products in the slower way only where they would overflow", () => {
    const older = { ...machine, hasInt8DotProducts: false };
    expect(resolveDevice({ precision: "int8" }, machine)).toMatchObject({ widenInt8: false, notes: [] });
    expect(resolveDevice({}, older)).toMatchObject({ widenInt8: false, notes: [] });
    const widened = resolveDevice({ precision: "int8" }, older);
    expect(widened.widenInt8).toBe(true);
    expect(widened.notes.join()).toMatch(/dot products/);
  });

  test("is refused with what there is", () => {
    expect(() => resolveDevice({ device: "coreml" }, machine)).toThrow(
      failure("device-unavailable", "coreml", "cpu, cuda, webgpu"),
    );
    expect(() => resolveDevice({ device: "gpu" }, machine)).toThrow(
      failure("device-unavailable", "no device", "gpu", "cpu, cuda, webgpu"),
    );
  });

  test("takes no threads or precision out of range, and int8 on the processor only", () => {
    for (const threads of [0, -1, 1.5, Number.NaN]) {
      expect(() => resolveDevice({ threads }, machine)).toThrow(failure("option-invalid", "threads"));
    }
    const wrong = { precision: "int4" } as unknown as DeviceRequest;
    expect(() => resolveDevice(wrong, machine)).toThrow(failure("option-invalid", "int4"));
    expect(() => resolveDevice({ device: "webgpu", precision: "int8" }, machine)).toThrow(
      failure("option-invalid", "int8", "webgpu"),
    );
  });

  test("is there on this machine", () => {
    vi.stubEnv("SEGANY_THREADS", undefined);
    expect(thisMachine().backends.map(({ name }) => name)).toContain("cpu");
    expect(resolveDevice().threads).toBeGreaterThanOrEqual(1);
    expect(thisMachine().wantedThreads).toBe(undefined);
  });

  test("takes the threads of SEGANY_THREADS where none are asked for, and says so when that is no number", () => {
    vi.stubEnv("SEGANY_THREADS", "3");
    expect(resolveDevice().threads).toBe(3);
    expect(resolveDevice({ threads: 1 }).threads).toBe(1);
    vi.stubEnv("SEGANY_THREADS", "");
    expect(thisMachine().wantedThreads).toBe(undefined);
    for (const text of ["0", "1.5", "all"]) {
      vi.stubEnv("SEGANY_THREADS", text);
      expect(() => resolveDevice()).toThrow(failure("option-invalid", "SEGANY_THREADS", text));
    }
  });
});
