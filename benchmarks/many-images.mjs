// Runs `segany segment` over a folder: images an hour beside what encoder and decoder alone would allow, and
// whether memory stays flat. Needs a build (npm run build) and Linux (it reads /proc).
// usage: node benchmarks/many-images.mjs [--images 500] [--width 96] [--height 64] [--points-per-side 2]
//          [--photo file]
// With --photo every image is a copy of that file. Prints one JSON object on stdout; exit status 1 when
// memory grows.
import { spawn } from "node:child_process";
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { encodePng } from "../packages/sam/dist/node.js";

/** More than this over a whole run, after the first fifth of it, is growth. */
const ALLOWED_GROWTH_MB = 64;
const { values: options } = parseArgs({
  options: {
    images: { type: "string", default: "500" },
    width: { type: "string", default: "96" },
    height: { type: "string", default: "64" },
    "points-per-side": { type: "string", default: "2" },
    photo: { type: "string" },
  },
});
const count = Number(options.images);

const paintImage = (seed) => {
  const [width, height] = [Number(options.width), Number(options.height)];
  const data = new Uint8ClampedArray(width * height * 4);
  for (let i = 0; i < width * height; i++) {
    const [x, y] = [i % width, Math.floor(i / width)];
    const inside = Math.hypot(x - width / 3 - (seed % 17), y - height / 2) < height / 4;
    data.set(inside ? [220, 60, (seed * 40) % 256, 255] : [(x * 2) % 256, (y * 3) % 256, 90, 255], 4 * i);
  }
  return encodePng({ width, height, data });
};

const readOrNothing = (path) => {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // the process has just ended
  }
};

/** Resident memory of a process and those below it, MB. */
const residentMb = (pid) => {
  const kilobytes = Number(/VmRSS:\s+(\d+)/.exec(readOrNothing(`/proc/${pid}/status`))?.[1] ?? 0);
  const children = readOrNothing(`/proc/${pid}/task/${pid}/children`).split(" ").filter(Boolean);
  return kilobytes / 1024 + children.reduce((total, child) => total + residentMb(Number(child)), 0);
};

const folder = mkdtempSync(join(tmpdir(), "segany-many-"));
try {
  const images = join(folder, "images");
  const output = join(folder, "masks");
  mkdirSync(images);
  for (let i = 0; i < count; i++) {
    const path = join(images, `${String(i).padStart(5, "0")}.png`);
    if (options.photo) copyFileSync(options.photo, path);
    else writeFileSync(path, await paintImage(i));
  }
  const command = resolve(import.meta.dirname, "../packages/cli/bin/segany.js");
  const args = [
    "segment",
    images,
    "--output",
    output,
    "--points-per-side",
    options["points-per-side"],
    "--no-picture",
    "--json",
  ];
  const child = spawn(process.execPath, [command, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  const lines = [];
  for await (const line of createInterface({ input: child.stdout })) {
    lines.push({ at: performance.now(), mb: residentMb(child.pid), ...JSON.parse(line) });
  }
  const wallMs = lines.at(-1).at - lines[0].at;
  const later = lines.slice(1);
  const computeMs = later.reduce((sum, { timings_ms: part }) => sum + part.encode + part.decode, 0);
  const settled = lines.slice(Math.floor(lines.length / 5)).map(({ mb }) => mb);
  const third = Math.max(1, Math.floor(settled.length / 3));
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const growthMb = mean(settled.slice(-third)) - mean(settled.slice(0, third));
  const result = {
    images: lines.length,
    imagesPerHour: Math.round((later.length / wallMs) * 3600_000),
    computeShare: Number((computeMs / wallMs).toFixed(3)),
    peakMb: Math.round(Math.max(...lines.map(({ mb }) => mb))),
    growthMb: Math.round(growthMb),
  };
  console.log(JSON.stringify(result));
  if (growthMb > ALLOWED_GROWTH_MB) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
