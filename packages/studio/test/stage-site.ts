/**
 * The stage in a real browser: a page with it and a fake model is bundled, served, and driven by the tests.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { MaskRuns } from "@segany/masks";
import type { Page } from "playwright-core";
import { build } from "vite";
import { launchChromium } from "../../../scripts/testing/launch-chromium.mjs";
import { serveFolder } from "../../../scripts/testing/serve-folder.mjs";
import { createPagePool } from "./page-pool.js";

type Place = readonly [x: number, y: number];

interface Shape {
  readonly segmentation: MaskRuns;
  readonly areaPx: number;
}

/** What the tests look at in the studio's state. */
export interface StageState {
  readonly view: { readonly scale: number; readonly offsetX: number; readonly offsetY: number };
  readonly hover: { readonly at: Place; readonly foundIndex: number | null } | null;
  readonly selectedIds: readonly string[];
  readonly objects: readonly (Shape & { readonly id: string })[];
  readonly draft: {
    readonly points: readonly { readonly at: Place; readonly label: 0 | 1 }[];
    readonly boxXyxy: readonly number[] | null;
    readonly objectId: string | null;
    readonly painted: Shape | null;
    readonly alternatives: readonly Shape[] | null;
    readonly chosen: number;
  };
  /** Labels of the steps that can be undone. */
  readonly steps: readonly string[];
  /** How often the model was asked. */
  readonly questions: number;
}

/** A stage that is open in a page. */
export interface Stage {
  readonly page: Page;
  state(): Promise<StageState>;
  /** The state once the model has answered and nothing is left to draw. */
  settled(): Promise<StageState>;
  /** Where a place of the image is on the page. */
  screen(x: number, y: number): Promise<Place>;
  set(changes: Record<string, unknown>): Promise<void>;
  undo(): Promise<void>;
  close(): Promise<void>;
}

export interface StageOptions {
  readonly objects?: number;
  readonly answerMs?: number;
  readonly hasTouch?: boolean;
}

export interface StageSite {
  /** Opens an image of 4,000 x 3,000 on a stage of 1,000 x 800. */
  open(options?: StageOptions): Promise<Stage>;
  close(): Promise<void>;
}

export async function openStageSite(): Promise<StageSite> {
  const folder = await mkdtemp(join(tmpdir(), "segany-stage-"));
  await build({
    root: fileURLToPath(new URL("../src/testing/stage-page", import.meta.url)),
    base: "./",
    logLevel: "error",
    configFile: false,
    build: { outDir: folder, emptyOutDir: true, target: "es2023" },
  });
  const server = await serveFolder(folder);
  const browser = await launchChromium();
  const pages = createPagePool(browser);
  return {
    async open({ objects = 0, answerMs = 5, hasTouch = false } = {}) {
      const { page, leave } = await pages.open(
        `${server.url}?width=4000&height=3000&objects=${objects}&answerMs=${answerMs}`,
        { viewport: { width: 1000, height: 800 }, hasTouch },
      );
      await page.waitForFunction("window.stagePage?.frames.length > 0");
      return stageOf(page, leave);
    },
    async close() {
      await browser.close();
      await server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** So many frames in a row that draw nothing new mean that nothing is left to draw. */
const STILL_FRAMES = 3;

/** Runs in the page. */
const READ_STATE = `(() => {
  const { studio } = window.stagePage;
  const { view, hover, selectedIds, images } = studio.getState();
  const { past, present } = images[0].history;
  const { objects, draft } = present;
  const steps = past.map(({ label }) => label);
  return { view, hover, selectedIds, objects, draft, steps, questions: studio.questions() };
})()`;

/** Looks once in each frame of the page: after what was to be drawn in it. */
const IS_SETTLED = `(() => {
  const { studio, frames } = window.stagePage;
  const { draft } = studio.getState().images[0].history.present;
  const isAsked = draft.points.length > 0 || draft.boxXyxy !== null;
  if (studio.getState().predicting || (isAsked && !draft.alternatives && !draft.painted)) return false;
  window.stillFrames = window.drawnBefore === frames.length ? window.stillFrames + 1 : 0;
  window.drawnBefore = frames.length;
  return window.stillFrames >= ${STILL_FRAMES};
})()`;

function stageOf(page: Page, close: () => Promise<void>): Stage {
  const state = () => page.evaluate<StageState>(READ_STATE);
  return {
    page,
    state,
    async settled() {
      await page.evaluate("window.drawnBefore = undefined");
      await page.waitForFunction(IS_SETTLED, undefined, { polling: "raf" });
      return state();
    },
    async screen(x, y) {
      const { view } = await state();
      return [x * view.scale + view.offsetX, y * view.scale + view.offsetY];
    },
    set: (changes) =>
      page.evaluate(`window.stagePage.studio.set(() => (${JSON.stringify(changes)}))`) as Promise<void>,
    undo: () => page.evaluate("window.stagePage.studio.undo()") as Promise<void>,
    close,
  };
}
