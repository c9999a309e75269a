/**
 * Generations that are aborted, over and over, on the embedded weights: the memory of both processes stays
 * flat. Needs the build.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROUNDS = 200;

/** Aborts each generation after its first step, and tells the memory of both processes, in bytes by round. */
const ABORT = `
  import { readFileSync } from "node:fs";
  import { loadSam, readImage, SamAutomaticMaskGenerator, SamPredictor } from "@segany/sam";
  const [file, rounds] = process.argv.slice(1);
  const sam = await loadSam("mobile_sam");
  const image = await readImage(file);
  const predictor = new SamPredictor(sam);
  await predictor.setImage(image);
  const embedding = predictor.getImageEmbedding();
  const generator = new SamAutomaticMaskGenerator(sam, { pointsPerSide: 16 });
  const rssOf = (pid) => 1024 * Number(/VmRSS:\\s+(\\d+)/.exec(readFileSync("/proc/" + pid + "/status", "utf8"))[1]);
  const [child] = readFileSync("/proc/self/task/" + process.pid + "/children", "utf8").trim().split(" ");
  const memory = [];
  for (let round = 1; round <= rounds; round++) {
    const stop = new AbortController();
    const onProgress = () => stop.abort();
    await generator.generate(image, { embedding, signal: stop.signal, onProgress }).then(
      () => { throw new Error("it was not aborted"); },
      (error) => { if (error.code !== "aborted") throw error; },
    );
    if (round % 20 === 0) {
      globalThis.gc();
      memory.push({ own: rssOf(process.pid), child: rssOf(child) });
    }
  }
  console.log(JSON.stringify(memory));
  await sam.close();
`;

test.skipIf(process.platform !== "linux")("memory is flat over 200 aborted generations", () => {
  const image = join(import.meta.dirname, "../../../examples/still-life.jpg");
  const output = execFileSync(
    process.execPath,
    ["--expose-gc", "--input-type=module", "--eval", ABORT, image, `${ROUNDS}`],
    { cwd: import.meta.dirname, encoding: "utf8" },
  );
  const memory: { own: number; child: number }[] = JSON.parse(output);
  const mebibytes = memory.map(({ own, child }) => [own, child].map((bytes) => Math.round(bytes / 2 ** 20)));
  console.log(`own and child, MiB: ${mebibytes.map((pair) => pair.join("/")).join(", ")}`);
  const [start, end] = [mebibytes[2]!, mebibytes.at(-1)!];
  expect(end[0]! - start[0]!).toBeLessThan(32);
  expect(end[1]! - start[1]!).toBeLessThan(64);
});
