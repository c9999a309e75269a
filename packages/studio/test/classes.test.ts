/** The list of classes in a real browser: given by keys and by the pointer, kept, and in files. */
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { findChromium } from "../../../scripts/testing/find-chromium.mjs";
import { downloadFrom } from "./downloads.js";
import { chooseFiles } from "./file-chooser.js";
import { openShellSite, type Shell, type ShellSite } from "./shell-site.js";
import { openServerSite, openStaticSite, type StudioPage, type StudioSite } from "./studio-site.js";

async function addClasses(page: Page, ...names: readonly string[]): Promise<void> {
  for (const name of names) {
    await page.getByLabel("New class").fill(name);
    await page.keyboard.press("Enter");
  }
}

const classNames = (page: Page) => page.locator(".class-name .row-title").allTextContents();

/** Names in the browser's store; none before there is a list. */
const stored = (page: Page) =>
  page.evaluate<readonly string[]>(`new Promise((resolve, reject) => {
    const opening = indexedDB.open("segany-classes");
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const reading = opening.result.transaction("classes").objectStore("classes").get("list");
      reading.onsuccess = () => {
        resolve(reading.result?.document.classes.map(({ name }) => name) ?? []);
        opening.result.close();
      };
    };
  })`);

describe.skipIf(!findChromium())("classes", () => {
  let site: ShellSite;
  let shell: Shell;
  beforeAll(async () => {
    site = await openShellSite();
  });
  afterAll(() => site?.close());
  afterEach(() => shell?.close());

  async function open(objects: number, ...names: readonly string[]): Promise<Page> {
    shell = await site.open();
    await shell.openImage();
    await shell.look(`window.shellPage.addMadeObjects(${objects})`);
    await addClasses(shell.page, ...names);
    await shell.page.evaluate("document.activeElement.blur()");
    return shell.page;
  }

  const row = (page: Page, index: number) => page.locator(".object-row .row-name").nth(index);
  /** What the list says of each object's class. */
  const given = async (page: Page) =>
    (await page.locator(".object-row .row-area").allTextContents()).map((text) =>
      text.includes(" · ") ? text.replace(/ · .*/, "") : null,
    );

  it("are given by digits to what is chosen with Shift, Control and Control+A, and drawn in their colour", async () => {
    const page = await open(5, "pear", "box");
    await row(page, 1).click();
    await row(page, 3).click({ modifiers: ["Shift"] });
    await page.keyboard.press("1");
    expect(await given(page)).toEqual([null, "pear", "pear", "pear", null]);
    await row(page, 2).click({ modifiers: ["Control"] });
    await row(page, 4).click({ modifiers: ["Control"] });
    await page.keyboard.press("2");
    expect(await given(page)).toEqual([null, "box", "pear", "box", "box"]);
    await page.keyboard.press("Control+z");
    expect(await given(page)).toEqual([null, "pear", "pear", "pear", null]);
    await page.keyboard.press("Control+a");
    await page.locator(".class-name", { hasText: "box" }).click();
    expect(await given(page)).toEqual(["box", "box", "box", "box", "box"]);
    const colours = await page
      .locator(".object-row .swatch")
      .evaluateAll((swatches) =>
        swatches.map((swatch) => getComputedStyle(swatch as HTMLElement).backgroundColor),
      );
    expect(new Set(colours)).toEqual(new Set(["rgb(220, 38, 127)"]));
    await page.getByRole("button", { name: "No class" }).click();
    expect(await given(page)).toEqual([null, null, null, null, null]);
    await page.keyboard.press("Delete");
    await expect.poll(() => page.locator(".object-row").count()).toBe(0);
    await page.keyboard.press("Control+z");
    await expect.poll(() => page.locator(".object-row").count()).toBe(5);
  });

  it("go to the next object as the last one had it, and stay out of the way of offered masks", async () => {
    const page = await open(0, "pear", "box");
    await page.keyboard.press("2");
    await page.locator(".stage").click();
    await shell.until("document_.draft.alternatives?.length === 3");
    await page.keyboard.press("1");
    expect(await shell.look("document_.draft.chosen")).toBe(0);
    await page.keyboard.press("Enter");
    await expect.poll(() => given(page)).toEqual(["box"]);
    await page.keyboard.press("1");
    expect(await given(page)).toEqual(["pear"]);
  });

  it("are added, renamed, moved, coloured, merged and deleted by keys alone, each one step", async () => {
    const page = await open(2, "pear", "bottle", "box");
    const press = async (...keys: readonly string[]) => {
      for (const key of keys) await page.keyboard.press(key);
    };
    await row(page, 0).click();
    await press("1");
    await page.locator(".class-name").first().focus();
    await press("F2");
    await page.keyboard.type("Birne");
    await press("Enter");
    await expect.poll(() => classNames(page)).toEqual(["Birne", "bottle", "box"]);
    expect(await given(page)).toEqual(["Birne", null]);
    await page.waitForFunction("document.activeElement.matches('.class-name')");
    await press("ArrowRight", "ArrowRight", "ArrowRight", "Space"); // rename, up, down
    expect(await classNames(page)).toEqual(["bottle", "Birne", "box"]);
    await page.locator(".class-name", { hasText: "Birne" }).focus();
    await press("ArrowLeft", "Enter", "ArrowRight", "Enter");
    expect(await shell.look("studio.getState().classes.present[1].colour")).toBe(1);
    await page.locator(".class-name", { hasText: "Birne" }).focus();
    await press("ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight", "Enter", "Tab", "Enter"); // into box
    expect([await classNames(page), await given(page)]).toEqual([
      ["bottle", "box"],
      ["box", null],
    ]);
    await page.locator(".class-name", { hasText: "box" }).focus();
    await press("Delete");
    expect([await classNames(page), await given(page)]).toEqual([["bottle"], [null, null]]);
    await page.getByText("1 object of “box” without a class now").waitFor();
    expect(await page.locator(".object-row").count()).toBe(2);
    const back: unknown[] = [];
    for (let i = 0; i < 5; i++) {
      await press("Control+z");
      back.push([(await classNames(page)).join(), (await given(page))[0]]);
    }
    expect(back).toEqual([
      ["bottle,box", "box"],
      ["bottle,Birne,box", "Birne"],
      ["bottle,Birne,box", "Birne"],
      ["Birne,bottle,box", "Birne"],
      ["pear,bottle,box", "pear"],
    ]);
  });

  it("of one name are refused, and the user hears why", async () => {
    const page = await open(0, "pear", "box", " pear ");
    await page.getByText("There is a class “pear” already.").waitFor();
    await page.locator(".class-name").first().press("F2");
    await page.keyboard.type("box");
    await page.keyboard.press("Enter");
    await page.getByText("Merge this one into it instead.").waitFor();
    expect(await classNames(page)).toEqual(["pear", "box"]);
  });

  it("come from COCO in its order and go back in the list's, also those without an object", async () => {
    const page = await open(0, "box");
    const coco = {
      images: [{ id: 1, file_name: "made up.png", width: 900, height: 600 }],
      categories: ["unused", "pear", "box"].map((name, i) => ({ id: 10 * i, name })),
      annotations: [
        { id: 1, image_id: 1, category_id: 10, segmentation: [[0, 0, 40, 0, 40, 30, 0, 30]] },
        { id: 2, image_id: 1, category_id: 20, segmentation: [[50, 0, 90, 0, 90, 30, 50, 30]] },
      ],
    };
    const buffer = Buffer.from(JSON.stringify(coco));
    await chooseFiles(page, () => page.keyboard.press("Control+i"), [
      { name: "a.json", mimeType: "application/json", buffer },
    ]);
    await expect.poll(() => given(page)).toEqual(["pear", "box"]);
    expect(await classNames(page)).toEqual(["box", "unused", "pear"]);
    await page.keyboard.press("Control+s");
    await page.getByRole("radio", { name: "COCO JSON" }).check();
    const { bytes } = await downloadFrom(page, () =>
      page.getByRole("button", { name: /^Export \d/ }).click(),
    );
    const written = JSON.parse(bytes.toString("utf8"));
    expect(written.categories).toEqual([
      { id: 1, name: "box" },
      { id: 2, name: "unused" },
      { id: 3, name: "pear" },
    ]);
    expect(written.annotations.map((each: Record<string, unknown>) => each.category_id)).toEqual([3, 1]);
  });
});

describe.skipIf(!findChromium())("the list of classes is there again", () => {
  let site: StudioSite;
  let studio: StudioPage;
  afterEach(async () => {
    await studio?.close();
    await site?.close();
  });

  it("after a reload without a server", async () => {
    site = await openStaticSite();
    studio = await site.open();
    await addClasses(studio.page, "pear", "box");
    await expect.poll(() => stored(studio.page)).toEqual(["pear", "box"]);
    await studio.page.reload();
    await expect.poll(() => classNames(studio.page)).toEqual(["pear", "box"]);
  });

  it("in another window with the server, and in one that was open when it is looked at again", async () => {
    site = await openServerSite();
    studio = await site.open();
    await addClasses(studio.page, "pear", "box");
    const stored = async () =>
      (await (await fetch(new URL("v1/classes", site.url))).json()).classes.map(
        ({ name }: { readonly name: string }) => name,
      );
    await expect.poll(async () => stored().catch(() => [])).toEqual(["pear", "box"]);
    const other = await studio.openWindow();
    await expect.poll(() => classNames(other.page)).toEqual(["pear", "box"]);
    await addClasses(other.page, "cup");
    await expect.poll(stored).toEqual(["pear", "box", "cup"]);
    await studio.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))");
    await expect.poll(() => classNames(studio.page)).toEqual(["pear", "box", "cup"]);
    expect([studio.errors, other.errors]).toEqual([[], []]);
  });
});
