/** The library in a real browser: a page is bundled, served, and called from the tests. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, Page } from "playwright-core";
import { build, type Plugin } from "vite";
import { launchChromium } from "../../../../scripts/testing/launch-chromium.mjs";
import { ISOLATING_HEADERS, serveFolder } from "../../../../scripts/testing/serve-folder.mjs";

/** What Chromium itself writes where a page asks for WebGPU and there is none. */
const NO_ADAPTER = "No available adapters.";

/** A bundled page; open views of it in browsers. */
export interface BuiltPage {
  readonly folder: string;
  remove(): Promise<void>;
}

/** Bundles the page into a temporary folder, as `vite build` would, its workers with the same plugins. */
export async function buildPage(plugins: readonly Plugin[] = []): Promise<BuiltPage> {
  const folder = await mkdtemp(join(tmpdir(), "segany-page-"));
  await build({
    root: fileURLToPath(new URL("page", import.meta.url)),
    base: "./",
    logLevel: "error",
    configFile: false,
    plugins: [...plugins],
    worker: { plugins: () => [...plugins] },
    build: { outDir: folder, emptyOutDir: true },
  });
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** A server of a page and a browser that looks at it. */
export interface Site {
  /** Paths that were asked for. */
  readonly requests: readonly string[];
  /** What pages wrote to the console, and errors nobody caught. */
  readonly complaints: readonly string[];
  /** Loads the page; what was stored by earlier views is still there. */
  view(): Promise<Page>;
  close(): Promise<void>;
}

/** Serves a built page and starts a browser. */
export async function openSite(
  { folder }: BuiltPage,
  { isolated, args }: { readonly isolated: boolean; readonly args?: readonly string[] },
): Promise<Site> {
  const server = await serveFolder(folder, { headers: isolated ? ISOLATING_HEADERS : {} });
  const browser: Browser = await launchChromium(args ? { args } : {});
  const context = await browser.newContext();
  const complaints: string[] = [];
  return {
    requests: server.requests,
    complaints,
    async view() {
      const page = await context.newPage();
      page.on("console", (message) => {
        if (message.text() !== NO_ADAPTER) complaints.push(message.text());
      });
      page.on("pageerror", (error) => complaints.push(String(error)));
      await page.goto(server.url);
      await page.waitForFunction(() => "segany" in globalThis);
      return page;
    },
    async close() {
      await browser.close();
      await server.close();
    },
  };
}
