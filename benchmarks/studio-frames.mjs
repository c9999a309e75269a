// Frames of the studio's stage in Chromium with many objects on a large image: hover, pan, zoom, brush, and a
// change of the objects. Needs a build (npm run build) and a Chromium, see scripts/testing/find-chromium.mjs.
// usage: node benchmarks/studio-frames.mjs [objects=500] [width=4000] [height=3000]
// Prints text on stderr and one JSON object on stdout: for each movement the milliseconds that frames kept
// the page busy (from the animation frame's beginning to after its painting), and those between one frame and
// the next.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { build } from "vite";
import { launchChromium } from "../scripts/testing/launch-chromium.mjs";
import { serveFolder } from "../scripts/testing/serve-folder.mjs";

const [objects = "500", width = "4000", height = "3000"] = process.argv.slice(2);
const VIEWPORT = { width: 1920, height: 1080 };
const MOVES = 150;
/** Between movements of the pointer: sixty a second, as screens and mice have them. */
const MOVE_MS = 1000 / 60;

const folder = await mkdtemp(join(tmpdir(), "segany-frames-"));
await build({
  root: fileURLToPath(new URL("../packages/studio/src/testing/stage-page", import.meta.url)),
  base: "./",
  logLevel: "error",
  configFile: false,
  build: { outDir: folder, emptyOutDir: true, target: "es2023" },
});
const server = await serveFolder(folder);
const browser = await launchChromium();
try {
  const page = await browser.newPage({ viewport: VIEWPORT });
  await page.goto(`${server.url}?objects=${objects}&width=${width}&height=${height}`);
  await page.waitForFunction(() => window.stagePage?.frames.length > 0);
  await settle(page);
  await page.evaluate(watchFrames);

  const report = {
    objects: Number(objects),
    image: `${width}x${height}`,
    viewport: VIEWPORT,
    movements: {},
  };
  for (const [name, movement] of Object.entries(movements(page))) {
    await page.evaluate(() => {
      window.watched.length = 0;
    });
    await movement();
    const watched = await page.evaluate(() => window.watched);
    report.movements[name] = summary(watched);
    console.error(`${name}: ${JSON.stringify(report.movements[name])}`);
    await settle(page);
  }
  console.log(JSON.stringify(report));
} finally {
  await browser.close();
  await server.close();
  await rm(folder, { recursive: true, force: true });
}

function movements(page) {
  const { mouse } = page;
  const useTool = (tool) =>
    page.evaluate((name) => window.stagePage.studio.set(() => ({ tool: name })), tool);
  const along = async (visit) => {
    for (let i = 0; i < MOVES; i++) {
      const angle = (i / MOVES) * 4 * Math.PI;
      await Promise.all([
        visit(960 + 500 * Math.cos(angle), 540 + 300 * Math.sin(2 * angle), i),
        sleep(MOVE_MS),
      ]);
    }
  };
  const drag = async () => {
    await mouse.move(960, 540);
    await mouse.down();
    await along((x, y) => mouse.move(x, y));
    await mouse.up();
  };
  return {
    async "hover over objects"() {
      await useTool("pan");
      await along((x, y) => mouse.move(x, y));
    },
    async "hover with preview"() {
      await useTool("click");
      await along((x, y) => mouse.move(x, y));
    },
    async "pan, whole image"() {
      await useTool("pan");
      await drag();
    },
    async "zoom in and out"() {
      await mouse.move(900, 500);
      await along((_x, _y, i) => mouse.wheel(0, i < MOVES / 2 ? -60 : 60));
    },
    async "pan at 1:1"() {
      await page.evaluate(() =>
        window.stagePage.studio.set(() => ({ view: { scale: 1, offsetX: -1000, offsetY: -900 } })),
      );
      await settle(page);
      await drag();
    },
    async brush() {
      await useTool("brush");
      await drag();
    },
    async "hide and show an object"() {
      await along((_x, _y, i) =>
        page.evaluate(
          (visible) => {
            const { studio, edits } = window.stagePage;
            studio.amend((document) => edits.updateObject(document, "made-7", { visible }));
          },
          i % 20 >= 10,
        ),
      );
    },
  };
}

/** Runs in the page: notes each frame in which the stage drew. */
function watchFrames() {
  window.watched = [];
  const afterPaint = new MessageChannel();
  let begun = 0;
  let drawn = 0;
  let last = 0;
  afterPaint.port1.onmessage = () => {
    const { frames } = window.stagePage;
    if (frames.length > drawn)
      window.watched.push({ busyMs: performance.now() - begun, sinceLastMs: begun - last });
    drawn = frames.length;
    last = begun;
  };
  const tick = () => {
    begun = performance.now();
    afterPaint.port2.postMessage(null);
    requestAnimationFrame(tick);
  };
  requestAnimationFrame(tick);
}

/** Until the stage has drawn nothing for half a second. */
async function settle(page) {
  for (let before = -1; ; ) {
    const now = await page.evaluate(() => window.stagePage.frames.length);
    if (now === before) return;
    before = now;
    await sleep(500);
  }
}

function summary(watched) {
  const of = (key) => {
    const sorted = watched.map((frame) => frame[key]).sort((a, b) => a - b);
    const at = (share) =>
      Number(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))].toFixed(1));
    return { median: at(0.5), p95: at(0.95), max: at(1) };
  };
  return { frames: watched.length, busyMs: of("busyMs"), sinceLastMs: of("sinceLastMs") };
}
