/** What the studio records of a mask makes the same mask again, wherever its model ran. */
import { execFileSync } from "node:child_process";
import { copyFile, mkdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findChromium } from "../../../scripts/testing/find-chromium.mjs";
import { openServerSite, type StudioPage, type StudioSite, stillLife } from "./studio-site.js";

const command = fileURLToPath(new URL("../../cli/bin/segany.js", import.meta.url));

let site: StudioSite;
let data: string;

function segany(...args: string[]): string {
  return execFileSync(process.execPath, [command, "engine", ...args, "--data", data], { encoding: "utf8" });
}

async function prepare(dataFolder: string): Promise<void> {
  data = dataFolder;
  const photos = join(dataFolder, "../photos");
  await mkdir(photos, { recursive: true });
  await copyFile(stillLife, join(photos, "a.jpg"));
  segany("init", photos);
}

async function startWork(): Promise<StudioPage> {
  const initScript = `localStorage.setItem("segany.preferences", JSON.stringify({ mode: "server" }))`;
  const opened = await site.open({ path: "projects.html", initScript });
  await opened.page.getByRole("link", { name: /^photos/ }).click();
  await opened.page.getByRole("link", { name: "Label next image" }).click();
  await opened.page.getByText("Click an object.").waitFor();
  return opened;
}

type Place = readonly [x: number, y: number];

async function stroke({ page, screen }: StudioPage, tool: "p" | "e", from: Place, to: Place): Promise<void> {
  await page.keyboard.press(tool);
  await page.mouse.move(...(await screen(...from)));
  await page.mouse.down();
  await page.mouse.move(...(await screen(...to)), { steps: 5 });
  await page.mouse.up();
}

async function keep({ page }: StudioPage, objects: number): Promise<void> {
  await page.keyboard.press("Enter");
  await expect.poll(() => page.locator(".object-row").count()).toBe(objects);
}

interface Replayed {
  readonly revision: number;
  readonly same: boolean;
  readonly differingPx: number;
  readonly prompts: number;
  readonly edits: number;
  readonly runsOn: string;
}

/** What the command says of all masks, those of more prompts first. */
function replay(): Replayed[] {
  const { results } = JSON.parse(segany("replay", "--json")) as { results: Replayed[] };
  return results.toSorted((a, b) => b.prompts - a.prompts);
}

describe.skipIf(!findChromium())("the provenance of masks", () => {
  beforeAll(async () => {
    site = await openServerSite({ prepare });
  });
  afterAll(() => site?.close());

  it("makes each again in every pixel", async () => {
    const studio = await startWork();
    const { page, click } = studio;
    // Three masks to choose from, the answer fed back, and a click that is not on it.
    await click(610, 430);
    await page.keyboard.press("2");
    await click(640, 470);
    await click(500, 300, "right");
    await keep(studio, 1);
    // Painted and erased, and asked again with that as the rough mask.
    await click(765, 300);
    await stroke(studio, "p", [765, 420], [800, 480]);
    await stroke(studio, "e", [765, 250], [790, 250]);
    await page.keyboard.press("c");
    await click(770, 330);
    await keep(studio, 2);
    const exact = { same: true, differingPx: 0, runsOn: "server" };
    await expect.poll(() => page.getByText(/kept in this browser/).count()).toBe(0);
    expect(replay()).toMatchObject([
      { ...exact, revision: 1, prompts: 3, edits: 0 },
      { ...exact, revision: 1, prompts: 2, edits: 1 },
    ]);

    // A later visit changes what is there.
    await page.reload();
    await expect.poll(() => page.locator(".object-row").count()).toBe(2);
    await stroke(studio, "e", [765, 320], [770, 340]);
    await keep(studio, 2);
    await expect.poll(() => replay().map(({ revision }) => revision)).toEqual([1, 2]);
    expect(replay()).toMatchObject([
      { ...exact, prompts: 3 },
      { ...exact, prompts: 2, edits: 2 },
    ]);
  });
});
