/**
 * A folder of 500 pictures through the command: memory must not grow with what was done. Needs the build and
 * Linux.
 */
import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

const script = fileURLToPath(new URL("../../../benchmarks/many-images.mjs", import.meta.url));
const IMAGES = 500;
/** What the collector may leave lying about. */
const ALLOWED_GROWTH_MB = 64;

test.skipIf(!existsSync("/proc/self/status"))("segany segment keeps its memory flat over a folder", () => {
  const output = execFileSync(process.execPath, [script, "--images", `${IMAGES}`], { encoding: "utf8" });
  const { images, growthMb, peakMb, computeShare } = JSON.parse(output);
  console.log(
    `${images} images: peak ${peakMb} MB, grown by ${growthMb} MB, ${computeShare} of the time computing`,
  );
  expect(images).toBe(IMAGES);
  expect(growthMb).toBeLessThan(ALLOWED_GROWTH_MB);
});
