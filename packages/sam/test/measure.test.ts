/**
 * Measurements of the embedded model, with real runs. No time is asserted, only what follows from the times.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findDevices, measureSpeed, profileModel, sumByOperator } from "@segany/sam";
import { afterAll, describe, expect, it } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "segany-measure-"));
const spec = { cacheDirectory: join(folder, "cache"), threads: 2 };
afterAll(() => rmSync(folder, { recursive: true }));

describe("measureSpeed", () => {
  it("times each step beside the matrix product, at least once after a first round", async () => {
    const seen: number[] = [];
    const { gflops, rounds, threads, steps } = await measureSpeed(spec, {
      budgetMs: 1,
      onProgress: (elapsedMs) => seen.push(elapsedMs),
    });
    expect([rounds, threads]).toEqual([1, 2]);
    expect(steps.map(({ name, prompts }) => [name, prompts])).toEqual([
      ["encoder", 0],
      ["preparation", 0],
      ["decoder", 8],
      ["click", 1],
    ]);
    const [encoder, , decoder, click] = steps;
    // TinyViT's products are about 70 GFLOP, counted by hand.
    expect(encoder!.flops).toBeGreaterThan(68e9);
    expect(encoder!.flops).toBeLessThan(85e9);
    expect(decoder!.flops / click!.flops).toBeGreaterThan(7);
    for (const { ms, flops, share } of steps) expect(share).toBeCloseTo(flops / (ms * 1e6) / gflops, 9);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen).toHaveLength(8);
  });

  it("stops when it is told to", async () => {
    const controller = new AbortController();
    const onProgress = () => controller.abort();
    await expect(
      measureSpeed(spec, { budgetMs: 60_000, signal: controller.signal, onProgress }),
    ).rejects.toMatchObject({ code: "aborted" });
  });

  it("refuses a budget that is none, and what is no device or model", async () => {
    await expect(measureSpeed(spec, { budgetMs: 0 })).rejects.toMatchObject({ code: "option-invalid" });
    await expect(measureSpeed({ ...spec, device: "abacus" })).rejects.toMatchObject({
      code: "device-unavailable",
    });
    await expect(measureSpeed({ ...spec, name: "vit_xl" })).rejects.toMatchObject({ code: "model-unknown" });
  });
});

describe("profileModel", () => {
  it("gives the time of every node of the three graphs", async () => {
    const profiles = await profileModel(spec, { runs: 1 });
    expect(profiles.map(({ name }) => name)).toEqual(["encoder", "preparation", "decoder"]);
    for (const { nodes, totalMs } of profiles) {
      expect(nodes.reduce((sum, { ms }) => sum + ms, 0)).toBeCloseTo(totalMs, 6);
      expect(sumByOperator(nodes).reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
    }
    const encoder = sumByOperator(profiles[0]!.nodes).map(({ opType }) => opType);
    expect(encoder).toEqual(expect.arrayContaining(["Gemm", "Conv", "Gelu"]));
    await expect(profileModel(spec, { runs: 0 })).rejects.toMatchObject({ code: "option-invalid" });
  });
});

describe("findDevices", () => {
  it("finds the processor computing, and says why each other device does not", async () => {
    const devices = await findDevices();
    expect(devices[0]).toEqual({ device: "cpu", works: true, reason: "" });
    expect(devices.map(({ device }) => device)).toEqual(["cpu", "cuda", "webgpu", "coreml", "dml"]);
    for (const { works, reason } of devices) expect(reason.length > 0).toBe(!works);
  });

  it("knows which devices a build lacks without trying them", async () => {
    const machine = { backends: [], parallelism: 1, physicalCores: 1, hasInt8DotProducts: true };
    const [cpu, ...others] = await findDevices(machine);
    expect(cpu!.works).toBe(true);
    for (const { reason } of others) expect(reason).toMatch(/does not have it/);
  });
});
