/** Reloads, crashes and second windows: what the page has shown as kept is there afterwards. */
import { encodeRle } from "@segany/masks";
import { encodePng } from "@segany/sam";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { findChromium } from "../../../scripts/testing/find-chromium.mjs";
import { chooseFiles, type FilePayload } from "./file-chooser.js";
import {
  openServerSite,
  openStaticSite,
  type StudioPage,
  type StudioSite,
  stillLife,
  turnedPhoto,
} from "./studio-site.js";

let site: StudioSite;
let studio: StudioPage;

const objects = (page: Page) => page.locator(".object-row .row-title");
const draft = (page: Page) => page.getByLabel("Mask in the making");
const galleryImage = (page: Page, name: string) => page.getByRole("option", { name });

/** What the browser's store has: numbers of images, of objects in all, of images with unfinished work. */
const stored = (page: Page) =>
  page.evaluate<readonly number[]>(`new Promise((resolve, reject) => {
    const opening = indexedDB.open("segany");
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const tables = opening.result.transaction(["images", "masks", "unfinished"]);
      const all = ["images", "masks", "unfinished"].map((name) => tables.objectStore(name).getAll());
      tables.oncomplete = () => {
        const [images, masks, unfinished] = all.map(({ result }) => result);
        resolve([images.length, masks.flatMap(({ document }) => document.annotations).length, unfinished.length]);
        opening.result.close();
      };
    };
  })`);

async function keepAt(page: StudioPage, x: number, y: number): Promise<void> {
  await page.click(x, y);
  await page.page.keyboard.press("Enter");
  await draft(page.page).waitFor({ state: "detached" });
}

/** Ends the tab's process, as running out of memory does. */
async function crash(page: Page): Promise<void> {
  const crashed = page.waitForEvent("crash");
  await page.goto("chrome://crash").catch(() => undefined);
  await crashed;
}

describe.skipIf(!findChromium())("without a server", () => {
  beforeAll(async () => {
    site = await openStaticSite();
  });
  afterAll(() => site?.close());
  afterEach(() => studio?.close());

  it("images, objects and the mask in the making survive a crash and a reload", async () => {
    studio = await site.open();
    await studio.openImage(stillLife);
    await keepAt(studio, 610, 430);
    await studio.click(765, 300);
    await expect.poll(() => stored(studio.page)).toEqual([1, 1, 1]);
    await crash(studio.page);

    const after = await studio.openWindow();
    await galleryImage(after.page, "still-life.jpg").click();
    await draft(after.page).waitFor();
    await expect.poll(() => objects(after.page).count()).toBe(1);

    await after.page.reload();
    await draft(after.page).waitFor(); // the image that was open is open again
    await expect.poll(() => objects(after.page).count()).toBe(1);
    await after.answered();
    await after.page.keyboard.press("Enter");
    await expect.poll(() => stored(after.page)).toEqual([1, 2, 0]);
    expect(after.errors).toEqual([]);
  });

  it("two windows keep what either makes, and what is taken away stays away", async () => {
    studio = await site.open();
    const { page } = studio;
    const [image] = await smallImages(1);
    await addFiles(page, [image!]);
    await expect.poll(() => stored(page)).toEqual([1, 0, 0]);
    const other = await studio.openWindow();
    await galleryImage(other.page, image!.name).click();
    await addFiles(page, [masksOf(image!, 20)]);
    await expect.poll(() => stored(page)).toEqual([1, 1, 0]);
    await addFiles(other.page, [masksOf(image!, 90)]);
    await expect.poll(() => stored(other.page)).toEqual([1, 2, 0]);
    await page.reload();
    await expect.poll(() => objects(page).count()).toBe(2);

    await page.keyboard.press("Control+Backspace");
    await galleryImage(page, image!.name).waitFor({ state: "detached" });
    await other.page.close();
    await expect.poll(() => stored(page)).toEqual([0, 0, 0]);
    await page.reload();
    await page.getByText("No images yet.").waitFor();
  });

  it("a browser that keeps nothing asks before the page is left", async () => {
    const initScript = `Object.defineProperty(window, "indexedDB", {
      value: { open() { throw new DOMException("forbidden", "SecurityError"); } },
    })`;
    studio = await site.open({ initScript });
    const { page } = studio;
    const [image] = await smallImages(1);
    await addFiles(page, [image!, masksOf(image!, 20)]);
    await expect.poll(() => objects(page).count()).toBe(1);
    const asked = page.waitForEvent("dialog");
    await page.close({ runBeforeUnload: true });
    expect((await asked).type()).toBe("beforeunload");
    await (await asked).dismiss();
    expect(await objects(page).count()).toBe(1);
  });
});

describe.skipIf(!findChromium())("with a server", () => {
  const COUNT = 120;

  beforeAll(async () => {
    site = await openServerSite();
  });
  afterAll(() => site?.close());
  afterEach(() => studio?.close());

  const onServer = async () =>
    (
      (await (await fetch(new URL("v1/images", site.url))).json()) as {
        images: { id: string; name: string }[];
      }
    ).images;

  it("images that are dropped by the hundred reach it in the background, across a reload", async () => {
    studio = await site.open();
    const { page } = studio;
    let taken = 0;
    await page.route("**/v1/images", (route) => {
      if (route.request().method() !== "POST" || taken++ < 10) return route.continue();
      return undefined; // the network has stopped
    });
    await studio.openImage(await smallImages(COUNT));
    await expect.poll(() => page.getByRole("option").count()).toBe(COUNT);
    await page.getByText(/^Sent \d+ of \d+$/).waitFor();
    await expect.poll(async () => (await onServer()).length).toBeGreaterThan(5);
    await page.unrouteAll({ behavior: "ignoreErrors" });
    expect((await onServer()).length).toBeLessThan(COUNT);

    await page.reload();
    await expect.poll(async () => (await onServer()).length).toBe(COUNT);
    await expect.poll(() => stored(page)).toEqual([0, 0, 0]);
    await page.reload();
    await expect.poll(() => page.getByRole("option").count()).toBe(COUNT);
  });

  it("masks that are imported into images never opened are there after a reload, once", async () => {
    studio = await site.open();
    const { page } = studio;
    const [image] = await smallImages(1, 200);
    const masks = masksOf(image!, 20);
    await galleryImage(page, "0.png").first().click(); // another one is open
    await addFiles(page, [image!, masks]);
    await page.getByText("1 object imported from masks.json.").waitFor();
    await addFiles(page, [masks]);
    await page.getByText(/1 object left out: already there\./).waitFor();
    await expect.poll(async () => (await onServer()).length).toBe(COUNT + 1);
    await expect.poll(() => stored(page)).toEqual([0, 0, 0]);
    await page.reload();
    await galleryImage(page, image!.name).click();
    await expect.poll(() => objects(page).count()).toBe(1);
  });

  it("masks with sizes as stored are turned with an image that the server has", async () => {
    studio = await site.open();
    const { page } = studio;
    await studio.openImage(turnedPhoto);
    await expect.poll(() => stored(page)).toEqual([0, 0, 0]);
    await page.reload();
    await galleryImage(page, "exif6.jpg").click();
    const segmentation = [[2, 2, 12, 2, 12, 7, 2, 7]];
    const coco = {
      images: [{ id: 1, file_name: "exif6.jpg", width: 23, height: 17 }],
      annotations: [{ id: 1, image_id: 1, segmentation }],
    };
    const buffer = Buffer.from(JSON.stringify(coco));
    await addFiles(page, [{ name: "coco.json", mimeType: "application/json", buffer }]);
    await page.getByText(/1 object imported from coco\.json\. Masks of 1 image turned/).waitFor();
    const id = (await onServer()).find(({ name }) => name === "exif6.jpg")!.id;
    const keptMasks = async () => (await fetch(new URL(`v1/images/${id}/masks`, site.url))).json();
    await expect.poll(keptMasks).toMatchObject({ annotations: [{ bbox: [10, 2, 5, 10], area: 50 }] });
  });
});

async function addFiles(page: Page, files: readonly FilePayload[]): Promise<void> {
  await chooseFiles(page, () => page.getByRole("button", { name: "Open images" }).first().click(), files);
}

/** A file with one mask: five pixels from a place on. */
function masksOf({ name }: FilePayload, from: number): FilePayload {
  const data = new Uint8Array(16 * 12).fill(1, from, from + 5);
  const segmentation = encodeRle({ width: 16, height: 12, data });
  const json = {
    image: { image_id: 1, width: 16, height: 12, file_name: name },
    annotations: [{ id: 1, segmentation, area: 5 }],
  };
  return { name: "masks.json", mimeType: "application/json", buffer: Buffer.from(JSON.stringify(json)) };
}

/** Images of 16 x 12 pixels, each of another grey. */
function smallImages(count: number, first = 0): Promise<readonly FilePayload[]> {
  return Promise.all(
    Array.from({ length: count }, async (_, i) => {
      const data = new Uint8ClampedArray(4 * 16 * 12).fill(255);
      data.fill((first + i) % 256, 0, 12);
      data[16] = Math.floor((first + i) / 256);
      const buffer = Buffer.from(await encodePng({ width: 16, height: 12, data }));
      return { name: `${first + i}.png`, mimeType: "image/png", buffer };
    }),
  );
}
