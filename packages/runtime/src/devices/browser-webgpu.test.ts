import type { Graph } from "@segany/graph";
import { describe, expect, it } from "vitest";
import { checkGpuLimits, type GpuAdapter } from "./browser-webgpu.js";

const graph = {
  name: "toy",
  values: new Map([["x", { name: "x", dtype: "float32", shape: ["B", 1000] }]]),
  initializers: [{ name: "w", dtype: "uint8", shape: [12_000] }],
} as unknown as Graph;

const adapter = (maxStorageBufferBindingSize: number, maxBufferSize: number): GpuAdapter => ({
  limits: { maxStorageBufferBindingSize, maxBufferSize },
});

describe("a graphics processor's limits", () => {
  it("have to hold the largest tensor, whose size goes with the batch", () => {
    expect(() => checkGpuLimits(adapter(16_000, 16_000), graph, 4)).not.toThrow();
    expect(() => checkGpuLimits(adapter(16_000, 16_000), graph, 5)).toThrow(/20000 bytes.*hold 16000/);
    expect(() => checkGpuLimits(adapter(12_000, 99_000), graph, 1)).not.toThrow();
    expect(() => checkGpuLimits(adapter(11_999, 99_000), graph, 1)).toThrow(/12000 bytes/);
    expect(() => checkGpuLimits(adapter(99_000, 11_999), graph, 1)).toThrow(
      expect.objectContaining({ code: "device-unavailable" }),
    );
  });
});
