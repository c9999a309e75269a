// How time and memory grow with the image's size, the number of prompts, points a prompt, and masks kept.
// Needs a build: npm run build. Every measurement is made in a process of its own, so that peaks don't mix.
// usage: node benchmarks/growth.mjs [--only image|prompts|points|masks] [--quick] [--json file]
//          [--plot file.svg]
// Prints a table on stderr and one JSON object on stdout. With --json results are merged into that file by
// what grows, and --plot draws all that is there.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import {
  encodePng,
  loadSam,
  readImage,
  SamAutomaticMaskGenerator,
  SamPredictor,
} from "../packages/sam/dist/node.js";
import { growthPlot } from "./lib/growth-plot.mjs";

const { values: options } = parseArgs({
  options: {
    only: { type: "string" },
    quick: { type: "boolean", default: false },
    json: { type: "string" },
    plot: { type: "string" },
    measure: { type: "string" },
  },
});

/** Blobs of many sizes on a slope of colours: something to segment at every scale. */
const paint = (megapixels) => {
  const width = Math.round(Math.sqrt(megapixels * 1.5e6));
  const height = Math.round((megapixels * 1e6) / width);
  const data = new Uint8ClampedArray(width * height * 4);
  const scale = 600 / width;
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++, at += 4) {
      const [u, v] = [x * scale, y * scale];
      const [column, row] = [Math.floor(u / 75), Math.floor(v / 75)];
      const radius = 8 + ((column * 7 + row * 13) % 5) * 6;
      const inside = Math.hypot((u % 75) - 37, (v % 75) - 37) < radius;
      data[at] = inside ? 40 + ((column * 60) % 200) : 200 - v / 4;
      data[at + 1] = inside ? 40 + ((row * 80) % 200) : 180;
      data[at + 2] = inside ? 200 : u / 4;
      data[at + 3] = 255;
    }
  }
  return { width, height, data };
};

const timed = async (work) => {
  const [cpu, start] = [process.cpuUsage(), performance.now()];
  const result = await work();
  const { user, system } = process.cpuUsage(cpu);
  return { ms: Math.round(performance.now() - start), cpuMs: Math.round((user + system) / 1000), result };
};

const gridPrompts = (count, points, { width, height }) =>
  Array.from({ length: count }, (_, i) => ({
    pointCoords: Array.from({ length: points }, (__, k) => [
      ((i * 37 + k * 11 + 5) % 97) * (width / 97),
      ((i * 53 + k * 29 + 7) % 89) * (height / 89),
    ]),
    pointLabels: Array.from({ length: points }, () => 1),
  }));

/** One measurement of each kind; the number is what grows. */
const measurements = {
  /** Reading, preparing, encoding, one click, and 64 points of everything mode. */
  async image(megapixels, sam) {
    const file = await encodePng(paint(megapixels));
    const reading = await timed(() => readImage(file));
    const predictor = new SamPredictor(sam);
    const setting = await timed(() => predictor.setImage(reading.result));
    const [prompt] = gridPrompts(1, 1, reading.result);
    await predictor.predict(prompt);
    const click = await timed(() => predictor.predict(prompt));
    const generator = new SamAutomaticMaskGenerator(sam, { pointsPerSide: 8, outputMode: "coco_rle" });
    const generate = await timed(() => generator.generate(reading.result));
    return {
      readMs: reading.ms,
      readCpuMs: reading.cpuMs,
      setImageMs: setting.ms,
      setImageCpuMs: setting.cpuMs,
      clickMs: click.ms,
      clickCpuMs: click.cpuMs,
      generateMs: generate.ms,
      generateCpuMs: generate.cpuMs,
      masks: generate.result.length,
    };
  },
  async prompts(count, sam) {
    const image = paint(0.3);
    const predictor = new SamPredictor(sam);
    await predictor.setImage(image);
    await predictor.predictBatch(gridPrompts(1, 1, image));
    const { ms, cpuMs } = await timed(() =>
      predictor.predictBatch(gridPrompts(count, 1, image), { multimaskOutput: false }),
    );
    return { ms, cpuMs, msEach: Number((ms / count).toFixed(2)) };
  },
  async points(count, sam) {
    const image = paint(0.3);
    const predictor = new SamPredictor(sam);
    await predictor.setImage(image);
    const prompts = gridPrompts(16, count, image);
    await predictor.predictBatch(prompts);
    const { ms, cpuMs } = await timed(() => predictor.predictBatch(prompts));
    return { ms, cpuMs, msEach: Number((ms / 16).toFixed(2)) };
  },
  /**
   * Choosing among the masks of more and more points where suppression keeps all: statistics and run lengths
   * of each.
   */
  async masks(pointsPerSide, sam) {
    const image = paint(2);
    const generator = new SamAutomaticMaskGenerator(sam, { pointsPerSide, outputMode: "coco_rle" });
    const decoded = await generator.decode(image, { floor: { predIouThresh: 0.5 } });
    const { ms, cpuMs, result } = await timed(() =>
      decoded.select({ predIouThresh: 0.5, stabilityScoreThresh: 0, boxNmsThresh: 1 }),
    );
    await decoded.release();
    return { masks: result.length, ms, cpuMs, msEach: Number((ms / Math.max(1, result.length)).toFixed(2)) };
  },
};

const steps = {
  image: options.quick ? [0.3, 3, 12] : [0.3, 1, 3, 6, 12, 25, 50],
  prompts: options.quick ? [1, 16, 256] : [1, 4, 16, 64, 256, 1024, 4096],
  points: options.quick ? [1, 8, 64] : [1, 2, 4, 8, 16, 32, 64, 128],
  masks: options.quick ? [4, 12] : [2, 4, 8, 16, 24, 32], // points a side; the row tells the masks
};

if (options.measure) {
  const [kind, value] = options.measure.split("=");
  const sam = await loadSam("mobile_sam", { runIn: "this-process" });
  const result = await measurements[kind](Number(value), sam);
  await sam.close();
  console.log(JSON.stringify({ ...result, peakMb: Math.round(process.resourceUsage().maxRSS / 1024) }));
} else {
  const { json, plot } = options;
  const results = json && existsSync(json) ? JSON.parse(readFileSync(json, "utf8")) : {};
  for (const [kind, values] of Object.entries(steps)) {
    if (options.only && options.only !== kind) continue;
    results[kind] = values.map((value) => {
      const run = spawnSync(
        process.execPath,
        [fileURLToPath(import.meta.url), "--measure", `${kind}=${value}`],
        { encoding: "utf8", stdio: ["ignore", "pipe", "inherit"] },
      );
      if (run.status !== 0) throw new Error(`Measuring ${kind} ${value} failed (status ${run.status}).`);
      const row = { [kind]: value, ...JSON.parse(run.stdout) };
      process.stderr.write(
        `${Object.entries(row)
          .map(([name, number]) => `${name} ${number}`)
          .join("  ")}\n`,
      );
      return row;
    });
  }
  if (json) writeFileSync(json, `${JSON.stringify(results, null, 1)}\n`);
  if (plot) writeFileSync(plot, growthPlot(results));
  console.log(JSON.stringify(results));
}
