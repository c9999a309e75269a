// Times the plain two-step upscaling of mask logits beside the lazy paths. Needs a build: npm run build.
// usage: node benchmarks/mask-upscaling.mjs [folder with float16 *.lowres.npy maps, 256x256 each]
// Without a folder it takes made-up maps of blobs. Prints text on stderr and one JSON object on stdout.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createMaskUpscaler } from "../packages/sam/dist/transforms/mask-upscaling.js";

const SIDE = 256;
const originalSize = { width: 1800, height: 1200 };
const inputSize = { width: 1024, height: 683 };

const halfToNumber = (half) => {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1 + fraction / 1024) * 2 ** (exponent - 15));
};

const readMaps = (folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith(".lowres.npy"))
    .flatMap((name) => {
      const bytes = readFileSync(join(folder, name));
      const start = 10 + bytes.readUInt16LE(8);
      const logits = new Float32Array((bytes.length - start) / 2);
      for (let i = 0; i < logits.length; i++) logits[i] = halfToNumber(bytes.readUInt16LE(start + 2 * i));
      return Array.from({ length: logits.length / SIDE ** 2 }, (_, i) =>
        logits.slice(i * SIDE ** 2, (i + 1) * SIDE ** 2),
      );
    });

const blobMaps = () =>
  Array.from({ length: 24 }, (_, k) => {
    const [x0, y0, radius] = [30 + ((k * 53) % 200), 20 + ((k * 37) % 130), 8 + ((k * 11) % 60)];
    return Float32Array.from({ length: SIDE ** 2 }, (_, i) => {
      const distance = Math.hypot((i % SIDE) - x0, Math.floor(i / SIDE) - y0);
      return Math.max(-20, Math.min(15, radius - distance)) + Math.sin(i * 0.7) * 0.3;
    });
  });

const plainStatistics = (logits) => {
  let [low, middle, high, x0, y0, x1, y1] = [0, 0, 0, Infinity, Infinity, -1, -1];
  let at = 0;
  for (let y = 0; y < originalSize.height; y++) {
    for (let x = 0; x < originalSize.width; x++) {
      const logit = logits[at++];
      if (logit > -1) low++;
      if (logit > 1) high++;
      if (logit <= 0) continue;
      middle++;
      if (x < x0) x0 = x;
      if (x > x1) x1 = x;
      if (y < y0) y0 = y;
      y1 = y;
    }
  }
  return { areaPx: middle, stabilityScore: high / low, boxXyxy: middle ? [x0, y0, x1, y1] : [0, 0, 0, 0] };
};

const plainRle = (logits) => {
  const counts = [];
  let [inside, run] = [false, 0];
  for (let x = 0; x < originalSize.width; x++) {
    for (let y = 0; y < originalSize.height; y++, run++) {
      if (logits[y * originalSize.width + x] > 0 === inside) continue;
      counts.push(run);
      inside = !inside;
      run = 0;
    }
  }
  return [...counts, run];
};

const summarize = (times) => {
  const sorted = times.toSorted((a, b) => a - b);
  const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
  return { medianMs: Number(sorted[sorted.length >> 1].toFixed(2)), meanMs: Number(mean.toFixed(2)) };
};

const maps = process.argv[2] ? readMaps(process.argv[2]) : blobMaps();
const upscaler = createMaskUpscaler({ inputSize, originalSize });
const out = new Float32Array(originalSize.width * originalSize.height);
const steps = {
  plainUpscale: (map) => upscaler.upscale(map, out),
  plainStatistics: (map) => plainStatistics(upscaler.upscale(map, out)),
  lazyStatistics: (map) => upscaler.statistics(map, 0, 1),
  plainRle: (map) => plainRle(upscaler.upscale(map, out)),
  lazyRle: (map) => upscaler.toRle(map, 0).counts,
  lazyDense: (map) => upscaler.threshold(map, 0),
};

const different = maps.filter(
  (map) =>
    JSON.stringify(steps.plainStatistics(map)) !== JSON.stringify(steps.lazyStatistics(map)) ||
    JSON.stringify(steps.plainRle(map)) !== JSON.stringify(steps.lazyRle(map)),
).length;
const results = {};
for (const [name, step] of Object.entries(steps)) {
  const times = [];
  for (let round = 0; round < 5; round++) {
    for (const map of maps) {
      const start = performance.now();
      step(map);
      if (round > 0) times.push(performance.now() - start);
    }
  }
  results[name] = summarize(times);
  process.stderr.write(
    `${name.padEnd(16)} median ${results[name].medianMs} ms, mean ${results[name].meanMs} ms\n`,
  );
}
console.log(JSON.stringify({ originalSize, inputSize, maps: maps.length, different, results }));
if (different > 0) process.exitCode = 1;
