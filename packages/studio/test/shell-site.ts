/** The whole studio over a made-up model in a real browser: bundled, served, and driven by the tests. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { build } from "vite";
import { launchChromium } from "../../../scripts/testing/launch-chromium.mjs";
import { serveFolder } from "../../../scripts/testing/serve-folder.mjs";
import { createPagePool } from "./page-pool.js";

/** CSS pixels, and what the user points with. */
export const SCREENS = {
  small: { width: 1024, height: 768, isTouch: false },
  usual: { width: 1440, height: 900, isTouch: false },
  large: { width: 2560, height: 1440, isTouch: false },
  phone: { width: 400, height: 800, isTouch: true },
} as const;

export type Screen = keyof typeof SCREENS;

export interface ShellOptions {
  readonly screen?: Screen;
  /** Pixels of the screen for one of CSS, as developer tools pretend. */
  readonly pixelRatio?: number;
}

export interface ShellSite {
  open(options?: ShellOptions): Promise<Shell>;
  close(): Promise<void>;
}

/** A studio that is open in a page. */
export interface Shell {
  readonly page: Page;
  readonly isTouch: boolean;
  /**
   * Evaluates an expression over the page's `studio`, `shellPage` and `document_`, the open image's document.
   */
  look<T>(expression: string): Promise<T>;
  /** Opens an image made up in the page, and waits until the model knows it. */
  openImage(name?: string): Promise<void>;
  /** Waits until an expression as for `look` is true. */
  until(expression: string): Promise<void>;
  close(): Promise<void>;
}

export interface ShellSiteOptions {
  /** Pixels of the browser's own screen for one of CSS: the layout knows them. Its windows have one size. */
  readonly screenPixelRatio?: number;
}

export async function openShellSite({ screenPixelRatio }: ShellSiteOptions = {}): Promise<ShellSite> {
  const folder = await mkdtemp(join(tmpdir(), "segany-shell-"));
  await build({
    root: fileURLToPath(new URL("../src/testing/shell-page", import.meta.url)),
    base: "./",
    logLevel: "error",
    configFile: false,
    build: { outDir: folder, emptyOutDir: true, target: "es2023" },
    worker: { format: "es" },
  });
  const server = await serveFolder(folder);
  const browser = await launchChromium({
    args: [
      "--disable-gpu",
      ...(screenPixelRatio
        ? [`--force-device-scale-factor=${screenPixelRatio}`, "--window-size=1440,1000"]
        : []),
    ],
  });
  const pages = createPagePool(browser);
  return {
    async open({ screen = "usual", pixelRatio = 1 } = {}) {
      const { width, height, isTouch } = SCREENS[screen];
      const { page, leave } = await pages.open(
        server.url,
        screenPixelRatio
          ? { viewport: null }
          : {
              viewport: { width, height },
              deviceScaleFactor: pixelRatio,
              hasTouch: isTouch,
              isMobile: isTouch,
            },
      );
      await page.waitForFunction("window.shellPage !== undefined && document.querySelector('.app') !== null");
      return shellOf(page, isTouch, leave);
    },
    async close() {
      await browser.close();
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

const IN_PAGE = (expression: string) => `(() => {
  const { studio } = window.shellPage;
  const document_ = window.shellPage.openDocument(studio.getState());
  return (${expression});
})()`;

const ADD_IMAGE = (name: string) => `(async () => {
  const canvas = new OffscreenCanvas(900, 600);
  const context = canvas.getContext("2d");
  const slope = context.createLinearGradient(0, 0, 900, 600);
  slope.addColorStop(0, "#2b4a6b");
  slope.addColorStop(1, "#d8b48a");
  context.fillStyle = slope;
  context.fillRect(0, 0, 900, 600);
  // Its own bytes for each name: an image that is there already is not added again.
  context.fillStyle = "#fff";
  context.fillText(${JSON.stringify(name)}, 20, 20);
  const blob = await canvas.convertToBlob({ type: "image/png" });
  await window.shellPage.studio.addFiles([new File([blob], ${JSON.stringify(name)}, { type: "image/png" })]);
})()`;

function shellOf(page: Page, isTouch: boolean, close: () => Promise<void>): Shell {
  const until = async (expression: string) => {
    await page.waitForFunction(IN_PAGE(expression), undefined, { polling: 50 });
  };
  return {
    page,
    isTouch,
    look: (expression) => page.evaluate(IN_PAGE(expression)),
    until,
    async openImage(name = "made up.png") {
      await page.evaluate(ADD_IMAGE(name));
      await until(
        "studio.getState().images.find(({ id }) => id === studio.getState().openImageId)?.loading.phase === 'ready' && studio.getState().view.scale !== 1",
      );
    },
    close,
  };
}
