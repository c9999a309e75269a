/**
 * Generations that are aborted, over and over, on the embedded weights: memory stays flat. The model runs in
 * the process that is measured, since another one may be ended by an abort. Needs the build.
 */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const ROUNDS = 200;

/** Aborts each generation after its first step, and tells its memory, MiB after every 20. */
const ABORT = `
  import { loadSam, readImage, SamAutomaticMaskGenerator, SamPredictor } from "@segany/sam";
  const [file, rounds] = process.argv.slice(1);
  const sam = await loadSam("mobile_sam", { runIn: "this-process" });
  const image = await readImage(file);
  const predictor = new SamPredictor(sam);
  await predictor.setImage(image);
  const embedding = predictor.getImageEmbedding();
  const generator = new SamAutomaticMaskGenerator(sam, { pointsPerSide: 16 });
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
      memory.push(Math.round(process.memoryUsage.rss() / 2 ** 20));
    }
  }
  console.log(JSON.stringify(memory));
  await sam.close();
`;

test("memory is flat over 200 aborted generations", () => {
  const image = join(import.meta.dirname, "../../../examples/still-life.jpg");
  const output = execFileSync(
    process.execPath,
    ["--expose-gc", "--input-type=module", "--eval", ABORT, image, `${ROUNDS}`],
    { cwd: import.meta.dirname, encoding: "utf8" },
  );
  const mebibytes: number[] = JSON.parse(output);
  console.log(`memory after every 20 aborts, MiB: ${mebibytes.join(", ")}`);
  expect(mebibytes).toHaveLength(ROUNDS / 20);
  expect(mebibytes.at(-1)! - mebibytes[1]!).toBeLessThan(64);
});
