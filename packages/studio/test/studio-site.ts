/** The built studio in a real browser: behind the real server, or from a plain static host. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BrowserContext, Page } from "playwright-core";
import { launchChromium } from "../../../scripts/testing/launch-chromium.mjs";
import { serveFolder } from "../../../scripts/testing/serve-folder.mjs";
import { type DownloadedFile, downloadFrom } from "./downloads.js";
import { chooseFiles, type FilePayload } from "./file-chooser.js";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const built = join(root, "packages/studio/dist");
export const stillLife = join(root, "examples/still-life.jpg");
/** 23 x 17 pixels, seen upright. */
export const turnedPhoto = join(root, "fixtures/pillow/exif6.jpg");

/** Room around an image that fits, as `canvas/view.ts` has it. */
const ROOM = 24;

/** Where the studio is served from. */
export interface StudioSite {
  readonly url: string;
  /** A page of its own, with what went wrong in it. */
  open(options?: PageOptions): Promise<StudioPage>;
  close(): Promise<void>;
}

export interface PageOptions {
  readonly width?: number;
  readonly height?: number;
  /** Runs before the page's own scripts. */
  readonly initScript?: string;
  /** Another page of the site, such as "projects.html". */
  readonly path?: string;
}

/** The studio as a user has it. */
export interface StudioPage {
  readonly page: Page;
  /** What went wrong in the page unexpectedly, and what its console calls an error. */
  readonly errors: string[];
  /** Opens images and waits until the first can be asked. */
  openImage(files: string | readonly FilePayload[]): Promise<void>;
  /** Where a place of a 1200 x 800 image is on the page while it is fitted to the stage. */
  screen(x: number, y: number): Promise<readonly [x: number, y: number]>;
  click(x: number, y: number, button?: "left" | "right"): Promise<void>;
  /** Waits until the model has answered the draft's question. */
  answered(): Promise<void>;
  /** Saves what an action downloads. */
  download(action: () => Promise<void>): Promise<DownloadedFile>;
  /** Another window of the same browser. */
  openWindow(): Promise<StudioPage>;
  /** Closes the browser with all its windows. */
  close(): Promise<void>;
}

export interface ServerSiteOptions {
  /** Puts something into the data folder before the server starts. */
  readonly prepare?: (dataFolder: string) => Promise<void>;
}

/** Behind `segany serve`, in a folder of its own. */
export async function openServerSite({ prepare }: ServerSiteOptions = {}): Promise<StudioSite> {
  const folder = await mkdtemp(join(tmpdir(), "segany-studio-"));
  await prepare?.(join(folder, "data"));
  const server = spawn(
    process.execPath,
    [
      join(root, "packages/cli/bin/segany.js"),
      "serve",
      join(folder, "data"),
      "--port",
      "0",
      "--workers",
      "1",
    ],
    { env: { ...process.env, SEGANY_CACHE: join(folder, "cache") }, stdio: ["ignore", "pipe", "inherit"] },
  );
  return openSite(await addressOf(server), async () => {
    server.kill("SIGTERM");
    await new Promise((resolve) => server.once("close", resolve));
    await rm(folder, { recursive: true, force: true });
  });
}

/** From a folder of files without any special header, as any host serves them. */
export async function openStaticSite(): Promise<StudioSite> {
  const host = await serveFolder(built);
  return openSite(host.url, host.close);
}

/** The address that a starting server prints. */
export function addressOf(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = "";
    server.stdout!.on("data", (chunk) => {
      said += chunk;
      const url = /http:\/\/\S+/.exec(said)?.[0];
      if (url) resolve(url);
    });
    server.once("close", (status) => reject(new Error(`The server ended with ${status}.`)));
  });
}

/** The studio at an address. @param stop ends what serves it */
export async function openSite(url: string, stop: () => Promise<unknown>): Promise<StudioSite> {
  if (!existsSync(join(built, "index.html"))) {
    await stop();
    throw new Error("The studio is not built: run npm run build first.");
  }
  const browser = await launchChromium();
  return {
    url,
    async open({ width = 1280, height = 860, initScript, path = "" } = {}) {
      const context = await browser.newContext({ viewport: { width, height }, acceptDownloads: true });
      if (initScript !== undefined) await context.addInitScript(initScript);
      return openPage(context, new URL(path, url).href);
    },
    async close() {
      await browser.close();
      await stop();
    },
  };
}

async function openPage(context: BrowserContext, url: string): Promise<StudioPage> {
  const page = await context.newPage();
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => {
    if (message.type() === "error") errors.push(`${message.text()} (${message.location().url})`);
  });
  await page.goto(url);

  async function screen(x: number, y: number) {
    const box = (await page.locator("canvas").first().boundingBox())!;
    const scale = Math.min((box.width - 2 * ROOM) / 1200, (box.height - 2 * ROOM) / 800);
    const left = box.x + (box.width - 1200 * scale) / 2;
    const top = box.y + (box.height - 800 * scale) / 2;
    return [left + x * scale, top + y * scale] as const;
  }

  async function answered() {
    await page
      .getByRole("button", { name: "Keep", exact: true })
      .and(page.locator(":not([aria-disabled=true])"))
      .waitFor();
    await page.getByLabel("The model is at work").waitFor({ state: "detached" });
  }

  return {
    page,
    errors,
    screen,
    answered,
    async openImage(files) {
      await chooseFiles(page, () => page.getByRole("button", { name: "Open images" }).first().click(), files);
      await page.getByText("Click an object.").waitFor();
    },
    async click(x, y, button = "left") {
      const [sx, sy] = await screen(x, y);
      await page.mouse.click(sx, sy, { button });
      await answered();
    },
    download: (action) => downloadFrom(page, action),
    openWindow: () => openPage(context, url),
    close: () => context.close(),
  };
}
