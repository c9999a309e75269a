/** Two people with the same image, each in a page of their own, over a real server. */
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { findChromium } from "../../../scripts/testing/find-chromium.mjs";
import { openServerSite, type StudioPage, type StudioSite, stillLife } from "./studio-site.js";

interface Kept {
  readonly annotations: readonly { readonly uuid: string; readonly name: string; readonly area: number }[];
  readonly [field: string]: unknown;
}

let site: StudioSite;
let url: string;
let pages: StudioPage[] = [];

/** Performs an action, and waits until the server has taken what came of it. */
async function saved({ page }: StudioPage, action: () => Promise<unknown>): Promise<void> {
  const isTaken = page.waitForResponse(
    (response) =>
      response.request().method() === "PUT" && response.url() === url && response.status() === 204,
  );
  await action();
  await isTaken;
}

async function openPage(): Promise<StudioPage> {
  const studio = await site.open();
  pages.push(studio);
  const answer = studio.page.waitForResponse((response) => response.url().endsWith("/masks"));
  await studio.openImage(stillLife);
  url = (await answer).url();
  return studio;
}

const kept = async (): Promise<Kept> => (await (await fetch(url)).json()) as Kept;
const keptNames = async () => (await kept()).annotations.map(({ name }) => name);
const names = ({ page }: StudioPage) => page.locator(".object-row .row-title").allTextContents();

async function keepAt(studio: StudioPage, x: number, y: number): Promise<void> {
  await studio.click(x, y);
  await saved(studio, () => studio.page.keyboard.press("Enter"));
}

async function rename({ page }: StudioPage, index: number, name: string): Promise<void> {
  await page.locator(".object-row .row-name").nth(index).click();
  await page.keyboard.press("F2");
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.keyboard.press("Enter");
}

const question = (page: Page) => page.getByRole("dialog", { name: "Changed by you and by others" });

describe.skipIf(!findChromium())("two pages with one image", () => {
  beforeAll(async () => {
    site = await openServerSite();
  });
  afterAll(() => site?.close());
  afterEach(async () => {
    // Browsers write refusals down, whatever becomes of them; these are part of the work.
    for (const { errors } of pages) expect(errors.filter((error) => !error.includes("412"))).toEqual([]);
    for (const studio of pages) await studio.close();
    pages = [];
  });

  it("lose nothing of what either makes, and ask where both have changed the same object", async () => {
    const [ann, ben] = [await openPage(), await openPage()];
    await keepAt(ann, 610, 430);
    await keepAt(ben, 765, 300); // he has not seen hers
    await expect.poll(() => names(ben)).toEqual(["Object 1", "Object 1"]);
    const both = await kept();
    expect(both.annotations).toHaveLength(2);
    expect(new Set(both.annotations.map(({ uuid }) => uuid)).size).toBe(2);

    // He renames hers, and so does she; then she deletes what he has renamed meanwhile.
    await saved(ben, () => rename(ben, 0, "Pear"));
    await rename(ann, 0, "Birne");
    await decide(ann, "Take theirs");
    await expect.poll(() => names(ann)).toEqual(["Pear", "Object 1"]);
    await saved(ben, () => rename(ben, 1, "Bottle"));
    await ann.page.locator(".object-row .row-name").nth(1).click();
    await ann.page.keyboard.press("Delete");
    await decide(ann, "Take theirs");
    await expect.poll(() => names(ann)).toEqual(["Pear", "Bottle"]);

    // Both choices are shown; until there is one, the server has what it had.
    await saved(ann, () => rename(ann, 1, "Flasche"));
    await rename(ben, 1, "Wine");
    await question(ben.page).waitFor();
    expect(await ben.page.locator(".conflict canvas").count()).toBe(2);
    await expect
      .poll(() => ben.page.locator(".conflict .radio-card-description").allTextContents())
      .toEqual(["“Wine”", "“Flasche”", expect.stringContaining("an object of its own")]);
    expect(await keptNames()).toEqual(["Pear", "Flasche"]);
    const asked = ben.page.waitForEvent("dialog");
    await ben.page.close({ runBeforeUnload: true });
    expect((await asked).type()).toBe("beforeunload"); // his change would be lost
    await (await asked).dismiss();
    await saved(ben, () => decide(ben, "Keep both"));
    await expect.poll(() => names(ben)).toEqual(["Pear", "Flasche", "Wine (2)"]);

    const again = await openPage();
    await expect.poll(() => names(again)).toEqual(["Pear", "Flasche", "Wine (2)"]);
    for (let i = 0; i < 20; i++) await ben.page.keyboard.press("Control+z");
    // Her objects and her name stay; his name for the first one is taken back.
    await expect.poll(() => names(ben)).toEqual(["Object 1", "Flasche"]);
    await expect.poll(keptNames).toEqual(["Object 1", "Flasche"]);
  });

  it("keep the fields of a script that works on the same masks", async () => {
    const studio = await openPage();
    await keepAt(studio, 925, 420);
    const before = await fetch(url);
    const document = (await before.json()) as Kept;
    const changed = {
      ...document,
      info: { by: "a script" },
      annotations: document.annotations.map((annotation, i) => ({ ...annotation, score: i, toString: "x" })),
    };
    const put = await fetch(url, {
      method: "PUT",
      headers: { "content-type": "application/json", "if-match": before.headers.get("etag")! },
      body: JSON.stringify(changed),
    });
    expect(put.status).toBe(204);
    await keepAt(studio, 610, 430);
    const after = await kept();
    expect(after.info).toEqual({ by: "a script" });
    expect(after.annotations).toHaveLength(document.annotations.length + 1);
    for (const [i, annotation] of changed.annotations.entries())
      expect(after.annotations[i]).toEqual(annotation);
  });
});

async function decide({ page }: StudioPage, label: string): Promise<void> {
  await question(page)
    .getByRole("radio", { name: new RegExp(`^${label}`) })
    .check();
  await page.getByRole("button", { name: "Keep what is chosen" }).click();
  await question(page).waitFor({ state: "detached" });
}
