import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { readImage } from "@segany/sam";
import type { Browser, Page } from "playwright-core";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findChromium } from "../../../../scripts/testing/find-chromium.mjs";
import { FAKE_CAMERA, launchChromium } from "../../../../scripts/testing/launch-chromium.mjs";
import { serveFolder } from "../../../../scripts/testing/serve-folder.mjs";

const examples = fileURLToPath(new URL("../../../../examples", import.meta.url));

/** An example, built and served without special headers, in a browser. */
async function openExample(name: string) {
  const outDir = await mkdtemp(join(tmpdir(), `segany-${name}-`));
  await build({ root: join(examples, name), logLevel: "error", build: { outDir, emptyOutDir: true } });
  const server = await serveFolder(outDir);
  const browser: Browser = await launchChromium({ args: ["--disable-gpu", ...FAKE_CAMERA] });
  const page = await browser.newPage();
  const complaints: string[] = [];
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  await page.goto(server.url);
  return {
    page,
    complaints,
    async close() {
      await browser.close();
      await server.close();
      await rm(outDir, { recursive: true, force: true, maxRetries: 10 });
    },
  };
}

const untilStatus = (page: Page, text: RegExp) =>
  page.getByRole("status").filter({ hasText: text }).waitFor();

/** What the canvas shows; as a PNG, since lists of millions of numbers take a minute to come over. */
async function canvasPixels(page: Page) {
  const address = await page.evaluate(() => document.querySelector("canvas")!.toDataURL("image/png"));
  return readImage(Buffer.from(address.split(",")[1], "base64"));
}

describe.skipIf(!findChromium())("the examples", () => {
  let example: Awaited<ReturnType<typeof openExample>> | undefined;
  afterAll(() => example?.close());

  describe("browser-click", () => {
    beforeAll(async () => {
      example = await openExample("browser-click");
    });
    afterAll(async () => {
      await example?.close();
      example = undefined;
    });

    it("shows the pear that is clicked in a chosen image", async () => {
      const { page, complaints } = example!;
      await untilStatus(page, /Select an image/);
      await page.locator("input").setInputFiles(join(examples, "still-life.jpg"));
      await untilStatus(page, /Click an object/);
      const before = await canvasPixels(page);
      const scale = await page.evaluate(() => {
        const canvas = document.querySelector("canvas")!;
        return canvas.clientWidth / canvas.width;
      });
      await page.locator("canvas").click({ position: { x: 610 * scale, y: 430 * scale } });
      await untilStatus(page, /Found in \d+ ms/);
      const after = await canvasPixels(page);
      const changed = new Set<number>();
      for (let i = 0; i < after.data.length; i++) if (after.data[i] !== before.data[i]) changed.add(i >> 2);
      expect(changed.has(430 * before.width + 610)).toBe(true);
      expect(changed.has(10 * before.width + 10)).toBe(false);
      expect(changed.size).toBeGreaterThan(10_000);
      expect(changed.size).toBeLessThan(0.1 * before.width * before.height);
      expect(complaints).toEqual([]);
    });
  });

  describe("ar-camera", () => {
    beforeAll(async () => {
      example = await openExample("ar-camera");
    });

    it("lays a mask over the camera's image where it is tapped", async () => {
      const { page, complaints } = example!;
      await untilStatus(page, /Tap something/);
      await page.locator("canvas").click();
      await untilStatus(page, /Found in \d+ ms/);
      const { width, height, data } = await canvasPixels(page);
      const covered = data.filter((value, i) => i % 4 === 3 && value > 0).length;
      expect(width * height).toBeGreaterThan(100_000);
      expect(covered).toBeGreaterThan(100);
      expect(covered).toBeLessThanOrEqual(width * height);
      expect(complaints).toEqual([]);
    });
  });
});
