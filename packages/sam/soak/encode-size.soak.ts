/**
 * Whole encodes of full-size models from their checkpoint files, in a process whose memory is measured. Needs
 * the build.
 */
import { execFileSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeTorchZip } from "../../graph/src/testing/write-torch-zip.js";
import type { VitArchitecture } from "../src/families/sam/architecture.js";
import { randomCheckpoint, vitHuge } from "../src/testing/random-checkpoint.js";

const vitBase: VitArchitecture = {
  ...vitHuge,
  embedDim: 768,
  depth: 12,
  numHeads: 12,
  mlpDim: 3072,
  globalAttnIndexes: [2, 5, 8, 11],
};

/** Loads the checkpoint in a fresh process, encodes one image, and tells the peak of its memory in bytes. */
const ENCODE = `
  import { loadSam, SamPredictor } from "@segany/sam";
  const [checkpoint, cacheDirectory] = process.argv.slice(1);
  const start = performance.now();
  const sam = await loadSam(undefined, { checkpoint, cacheDirectory, runIn: "this-process" });
  const predictor = new SamPredictor(sam);
  await predictor.setImage({ width: 640, height: 480, data: new Uint8ClampedArray(640 * 480 * 4).fill(99) });
  const peak = process.resourceUsage().maxRSS * 1024;
  console.log(JSON.stringify({ name: sam.model.name, peak, seconds: (performance.now() - start) / 1000 }));
  await sam.close();
`;

test.each([
  ["vit_b", vitBase, 4],
  ["vit_h", vitHuge, 12],
] as const)(
  "%s opens from its file and encodes an image in bounded memory",
  async (name, architecture, limitGibibytes) => {
    const folder = await mkdtemp(join(tmpdir(), "segany-size-"));
    try {
      const checkpoint = join(folder, `${name}.pth`);
      await writeTorchZip(checkpoint, randomCheckpoint(architecture));
      const output = execFileSync(
        process.execPath,
        ["--input-type=module", "--eval", ENCODE, checkpoint, join(folder, "cache")],
        { cwd: import.meta.dirname, encoding: "utf8" },
      );
      const result = JSON.parse(output);
      console.log(`${name}: ${(result.peak / 2 ** 30).toFixed(2)} GiB, ${result.seconds.toFixed(1)} s`);
      expect(result.name).toBe(name);
      expect(result.peak).toBeLessThan(limitGibibytes * 2 ** 30);
    } finally {
      await rm(folder, { recursive: true, force: true, maxRetries: 10 });
    }
  },
);
