// How fast the studio answers in Chromium, with a real server and the embedded model: from a pointer's move
// to the outline of what is under it, and from an address to a page that can be used. Needs a build: npm run
// build.
// usage: node benchmarks/studio-latency.mjs [--moves 40] [--visits 5]
// Prints one JSON object: medians and 95th percentiles in milliseconds.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { launchChromium } from "../scripts/testing/launch-chromium.mjs";
import { median } from "./lib/interleave.mjs";

const { values: options } = parseArgs({
  options: { moves: { type: "string", default: "40" }, visits: { type: "string", default: "5" } },
});
const root = resolve(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "segany-latency-"));
/** Middles of things on the still life, pixels of the image: each move goes to another. */
const THINGS = [
  [610, 430],
  [450, 450],
  [330, 420],
  [770, 270],
  [720, 500],
  [960, 450],
];

/**
 * Notes in the page when the pointer moved, when an outline that was not there before was drawn, and what
 * workers took.
 */
function watchPage() {
  const seen = new WeakSet();
  const { stroke } = CanvasRenderingContext2D.prototype;
  window.latency = { movedAt: 0, outlineMs: [], workerMs: [] };
  addEventListener(
    "pointermove",
    () => {
      window.latency.movedAt ||= performance.now();
    },
    true,
  );
  CanvasRenderingContext2D.prototype.stroke = function (...args) {
    const [path] = args;
    if (path instanceof Path2D && !seen.has(path)) {
      seen.add(path);
      const { movedAt, outlineMs } = window.latency;
      if (movedAt > 0) outlineMs.push(performance.now() - movedAt);
      window.latency.movedAt = 0;
    }
    return stroke.apply(this, args);
  };
  const { postMessage } = Worker.prototype;
  Worker.prototype.postMessage = function (message, ...rest) {
    if (message?.kind === "call" || message?.call) {
      const sentAt = performance.now();
      const heard = ({ data }) => {
        if (data?.id !== message.id || data.kind !== "reply") return;
        window.latency.workerMs.push(performance.now() - sentAt);
        this.removeEventListener("message", heard);
      };
      this.addEventListener("message", heard);
    }
    return postMessage.call(this, message, ...rest);
  };
}

const server = spawn(
  process.execPath,
  [join(root, "packages/cli/bin/segany.js"), "serve", join(folder, "data"), "--port", "0"],
  { stdio: ["ignore", "pipe", "inherit"] },
);
const browser = await launchChromium();
try {
  const url = await new Promise((found) =>
    server.stdout.on("data", (chunk) => /http:\S+/.test(chunk) && found(/http:\S+/.exec(chunk)[0])),
  );
  const startMs = [];
  for (let i = 0; i <= Number(options.visits); i++) startMs.push(await visit(url));
  const { outlineMs, workerMs } = await hover(url);
  const cold = startMs.shift();
  const summary = {
    visit: { coldMs: Math.round(cold), ...describe(startMs) },
    hover: describe(outlineMs),
    decodeInWorker: describe(workerMs),
  };
  console.log(JSON.stringify(summary, null, 2));
} finally {
  await browser.close();
  server.kill("SIGTERM");
  await new Promise((ended) => server.once("close", ended));
  rmSync(folder, { recursive: true, force: true });
}

/** From the address to a menu that opens. */
async function visit(url) {
  const page = await browser.newPage();
  const start = performance.now();
  await page.goto(url, { waitUntil: "commit" });
  await page.getByRole("button", { name: "Open images" }).first().waitFor();
  await page
    .getByRole("menuitem", { name: "Help" })
    .or(page.getByRole("button", { name: "Help", exact: true }))
    .first()
    .click();
  await page.getByText("Change shortcuts…").first().waitFor();
  const ms = performance.now() - start;
  await page.close();
  return ms;
}

async function hover(url) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 860 } });
  await page.addInitScript(watchPage);
  await page.goto(url);
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Open images" }).first().click();
  await (await chooser).setFiles(join(root, "examples/still-life.jpg"));
  await page.getByText("Click an object.").waitFor({ timeout: 120_000 });
  const box = await page.locator("canvas").first().boundingBox();
  const scale = Math.min((box.width - 48) / 1200, (box.height - 48) / 800);
  const left = box.x + (box.width - 1200 * scale) / 2;
  const top = box.y + (box.height - 800 * scale) / 2;
  const WARM_UP = 6;
  for (let i = 0; i < Number(options.moves) + WARM_UP; i++) {
    const [x, y] = THINGS[i % THINGS.length];
    if (i === WARM_UP)
      await page.evaluate(() => Object.assign(window.latency, { outlineMs: [], workerMs: [] }));
    const before = await page.evaluate(() => {
      window.latency.movedAt = 0;
      return window.latency.outlineMs.length;
    });
    await page.mouse.move(left + (x + (i % 5)) * scale, top + (y + (i % 3)) * scale);
    await page
      .waitForFunction((count) => window.latency.outlineMs.length > count, before, { timeout: 10_000 })
      .catch(() => undefined); // the same mask as before has no new outline
    await page.waitForTimeout(120);
  }
  return page.evaluate(() => window.latency);
}

function describe(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const p95 = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.95))] ?? Number.NaN;
  return { count: values.length, medianMs: round(median(values)), p95Ms: round(p95) };
}

function round(ms) {
  return Math.round(ms * 10) / 10;
}
