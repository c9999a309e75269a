import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { createWorkplace } from "./run-segany.js";

const workplace = createWorkplace();

describe("segany bench", () => {
  it("prints a table, and with --profile writes a picture of each graph", async () => {
    const { status, stdout } = await workplace.run("bench", "--seconds", "1", "--profile", "-o", "out", "-q");
    expect(status).toBe(0);
    expect(stdout).toMatch(/Matrix product: \d+ GFLOPS/);
    for (const step of ["image encoder", "mask decoder, batched, 8 prompts", "one click"])
      expect(stdout).toContain(step);
    expect(stdout).toMatch(/Gemm +\d+ +[\d.]+ +[\d.]+ %/);
    for (const graph of ["encoder", "preparation", "decoder"]) {
      const picture = readFileSync(join(workplace.path, "out", `profile-${graph}.svg`), "utf8");
      expect(picture).toMatch(/^<svg [^>]+>[\s\S]+<\/svg>\n$/);
      expect(picture).toContain(`${graph}: `);
      expect(picture).not.toContain("NaN");
    }
  });

  it("gives numbers with --json, and refuses what it cannot measure", async () => {
    const { status, stdout } = await workplace.run(
      "bench",
      "--seconds",
      "1",
      "--json",
      "--cold",
      "--precision",
      "int8",
    );
    expect(status).toBe(0);
    const { gflops, steps, cold } = JSON.parse(stdout);
    expect(cold).toMatchObject({ processes: 5 });
    for (const name of ["firstMs", "warmMs", "cpuMs", "pageFaults", "peakBytes"])
      expect(cold[name]).toBeGreaterThan(0);
    expect(gflops).toBeGreaterThan(0);
    expect(steps).toHaveLength(4);
    expect((await workplace.run("bench", "--seconds", "0")).status).toBe(2);
    expect((await workplace.run("bench", "--model", "vit_xl")).status).toBe(2);
  });
});

describe("segany doctor", () => {
  it("finds all that is needed on a machine that runs these tests, and measures it", async () => {
    const { status, stdout } = await workplace.run("doctor", "--json");
    expect(status).toBe(0);
    const found = JSON.parse(stdout);
    expect(found).toMatchObject({ node: process.versions.node, checkpoints: {}, problems: [] });
    expect(found.imageFormats).toEqual(expect.arrayContaining(["jpeg", "png", "webp"]));
    expect(found.embeddedWeights).toMatch(/^[0-9a-f]{64}$/);
    expect(found.cache.writable).toBe(true);
    expect(found.speed.steps).toHaveLength(4);
  });

  it("tells people in lines, and what is missing by its exit status", async () => {
    const { status, stdout } = await workplace.run("doctor", "--no-measure");
    expect(status).toBe(0);
    expect(stdout).toMatch(/cpu +works/);
    expect(stdout).toContain("All requirements are met.");
    const file = join(workplace.path, "photo.jpg"); // no folder can be made below a file
    const broken = await workplace.runWith({ SEGANY_CACHE: join(file, "cache") }, "doctor", "--no-measure");
    expect(broken.status).toBe(1);
    expect(broken.stdout).toMatch(/cache folder .* is not writable/);
  });
});
