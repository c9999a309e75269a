import { readFile } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { parseSa1b } from "@segany/dataset/formats";
import { decodeRle, type Rle, rleIou, rleToBoxXywh } from "@segany/masks";
import { encodePng, readImage } from "@segany/sam";
import { decode } from "fast-png";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import golden from "../../../fixtures/still-life.json" with { type: "json" };
import { findChromium } from "../../../scripts/testing/find-chromium.mjs";
import {
  openServerSite,
  openStaticSite,
  type StudioPage,
  type StudioSite,
  stillLife,
} from "./studio-site.js";

const ENOUGH = 0.98;

/** Masks of Meta's own code on the still life. */
const goldenOf = (id: string) => {
  const { masks, iou_predictions } = golden.predict.find((prediction) => prediction.id === id)!;
  return masks[iou_predictions.indexOf(Math.max(...iou_predictions))] as unknown as Rle;
};

interface Sa1b {
  readonly image: { readonly width: number; readonly height: number; readonly file_name: string };
  readonly annotations: readonly { readonly segmentation: Rle; readonly area: number }[];
}

let site: StudioSite;
let studio: StudioPage;

/** The kept objects, as the export writes them. */
async function exported(): Promise<Sa1b> {
  await studio.page.keyboard.press("Control+s");
  const { name, bytes } = await studio.download(() =>
    studio.page.getByRole("button", { name: /^Export \d+ object/ }).click(),
  );
  expect(name).toBe("still-life.json");
  return JSON.parse(bytes.toString("utf8")) as Sa1b;
}

/** IoU of the object that was kept last. */
async function iouOfLast(expected: Rle): Promise<number> {
  const { annotations } = await exported();
  return rleIou([annotations.at(-1)!.segmentation], [expected])[0]!;
}

async function keep(): Promise<void> {
  await studio.page.keyboard.press("Enter");
  await studio.page.getByLabel("Mask in the making").waitFor({ state: "detached" });
}

async function clickPear(): Promise<void> {
  await studio.click(610, 430);
  await keep();
}

async function chooseMode(name: string): Promise<void> {
  await studio.page.getByRole("button", { name: /^Model:/ }).click();
  await studio.page.getByRole("radio", { name: new RegExp(`^${name}`) }).check();
  await studio.page.keyboard.press("Escape");
}

const objects = () => studio.page.getByRole("row");

describe.skipIf(!findChromium())("the studio behind its server", () => {
  beforeAll(async () => {
    site = await openServerSite();
  });
  afterAll(() => site?.close());
  afterEach(async () => {
    expect(studio.errors).toEqual([]);
    await studio.close();
  });

  it("cuts out what is clicked, boxed and corrected, and takes every step back", async () => {
    studio = await site.open();
    const { page } = studio;
    expect(await page.evaluate(() => crossOriginIsolated)).toBe(true);
    await studio.openImage(stillLife);
    await clickPear();
    const record = parseSa1b(await exported(), "the export");
    expect(record.image).toMatchObject({ width: 1200, height: 800, fileName: "still-life.jpg" });
    expect(rleIou([record.annotations[0]!.segmentation!], [goldenOf("point-pear")])[0]).toBeGreaterThan(
      ENOUGH,
    );

    await page.keyboard.press("b");
    await page.mouse.move(...(await studio.screen(700, 125)));
    await page.mouse.down();
    await page.mouse.move(...(await studio.screen(760, 300)), { steps: 8 });
    await page.mouse.move(...(await studio.screen(830, 475)), { steps: 8 });
    await page.mouse.up();
    await studio.answered();
    await keep();
    expect(await iouOfLast(goldenOf("box-bottle"))).toBeGreaterThan(ENOUGH);

    await page.mouse.move(...(await studio.screen(800, 370)));
    await page.mouse.down();
    await page.mouse.move(...(await studio.screen(1050, 515)), { steps: 8 });
    await page.mouse.up();
    await studio.answered();
    await studio.click(925, 420, "right");
    await keep();
    expect(await iouOfLast(goldenOf("box-and-negative"))).toBeGreaterThan(0.9); // refined from the box's logits

    await expect.poll(() => objects().count()).toBe(3);
    for (let i = 0; i < 12; i++) await page.keyboard.press("Control+z");
    await expect.poll(() => objects().count()).toBe(0);
    for (let i = 0; i < 12; i++) await page.keyboard.press("Control+Shift+z");
    await expect.poll(() => objects().count()).toBe(3);
  });

  it("hands out a cut-out as a PNG whose alpha is the mask", async () => {
    studio = await site.open();
    await studio.openImage(stillLife);
    await clickPear();
    const { annotations } = await exported();
    await objects().first().click();
    await studio.page.keyboard.press("x");
    const { name, bytes } = await studio.download(() =>
      studio.page.getByRole("button", { name: /^Save Object/ }).click(),
    );
    expect(name).toMatch(/\.png$/);
    const png = decode(bytes);
    expect(png.channels).toBe(4);
    const opaque = png.data.filter((_, i) => i % 4 === 3 && png.data[i] === 255).length;
    const seeThrough = png.data.filter((_, i) => i % 4 === 3 && png.data[i] === 0).length;
    expect(opaque).toBe(annotations[0]!.area);
    expect(opaque + seeThrough).toBe(png.width * png.height);
    const { segmentation } = annotations[0]!;
    const [x0, y0, width, height] = rleToBoxXywh(segmentation);
    expect([png.width, png.height]).toEqual([width, height]);
    const mask = decodeRle(segmentation);
    for (let y = 0; y < height; y += 7)
      for (let x = 0; x < width; x += 7)
        expect(png.data[(y * width + x) * 4 + 3]).toBe(255 * mask.data[(y0 + y) * 1200 + x0 + x]!);
  });

  it("finds everything, shows masks on the way, and moves thresholds without decoding again", async () => {
    studio = await site.open();
    const { page } = studio;
    await studio.openImage(stillLife);
    await page.keyboard.press("a");
    await page.getByRole("slider", { name: "Points per side" }).fill("8");
    await page.getByRole("button", { name: "Find all masks" }).last().click();
    await page
      .getByText(/^\d+ masks$/)
      .first()
      .waitFor();
    const found = await countFound();
    expect(found).toBeGreaterThan(5);
    await page.getByRole("slider", { name: "Predicted quality" }).fill("0.98");
    await expect.poll(countFound).toBeLessThan(found);
    await page.getByRole("slider", { name: "Predicted quality" }).fill("0.88");
    await expect.poll(countFound).toBe(found);
    const before = await objects().count();
    expect(before).toBeGreaterThan(0); // the server has kept what earlier pages made of this image
    await page.getByRole("button", { name: "Keep all" }).click();
    await expect.poll(() => objects().count()).toBe(before + found);
    expect((await exported()).annotations).toHaveLength(before + found);
  });

  it("takes away an image that never left the browser without asking the server to", async () => {
    studio = await site.open();
    const { page } = studio;
    await chooseMode("All in this browser");
    const image = { width: 64, height: 48, data: new Uint8ClampedArray(4 * 64 * 48).fill(90) };
    const buffer = Buffer.from(await encodePng(image));
    await studio.openImage([{ name: "plain.png", mimeType: "image/png", buffer }]);
    const asked: string[] = [];
    page.on("requestfinished", (request) => {
      if (request.url().includes("/v1/images?id=")) asked.push("find");
      if (request.method() === "DELETE") asked.push("remove");
    });
    await page.keyboard.press("Control+Backspace");
    await page.getByRole("option", { name: "plain.png" }).waitFor({ state: "detached" });
    await expect.poll(() => asked).toEqual(["find"]);
  });

  it("asks a server that is busy again by itself, and says so meanwhile", async () => {
    studio = await site.open();
    const { page } = studio;
    await chooseMode("All on the server");
    await studio.openImage(stillLife);
    await page.mouse.move(...(await studio.screen(610, 430)));
    let refusals = 0;
    await page.route("**/predict", (route) => {
      if (refusals++ >= 2) return route.continue();
      const body = JSON.stringify({ code: "too-many-requests", message: "Many ask." });
      return route.fulfill({
        status: 429,
        contentType: "application/json",
        headers: { "Retry-After": "2" },
        body,
      });
    });
    // What is said is there for two seconds, and so could be missed: the page writes it down.
    await page.evaluate(`
      window.told = "";
      new MutationObserver(() => { told += document.querySelector(".asking-again")?.textContent ?? ""; })
        .observe(document.body, { childList: true, subtree: true });
    `);
    await page.mouse.click(...(await studio.screen(400, 300)));
    await studio.answered();
    expect(await page.evaluate("told")).toMatch(
      /The server is busy\. Asking again in \d s \(attempt 2 of 5\)\./,
    );
    expect(refusals).toBeGreaterThan(2);
    await expect.poll(() => page.getByText("Asking again").count()).toBe(0);
    expect(await page.locator(".notice-error").count()).toBe(0);
    const refused = studio.errors.splice(0); // browsers write these down, whatever becomes of them
    expect(refused).toHaveLength(2);
    for (const error of refused) expect(error).toContain("429");
  });

  it("gives the same masks when everything runs on the server, which keeps them for the next page", async () => {
    studio = await site.open();
    await chooseMode("All on the server");
    await studio.openImage(stillLife);
    await clickPear();
    expect(await iouOfLast(goldenOf("point-pear"))).toBeGreaterThan(ENOUGH);
    const count = await objects().count();
    const again = await site.open(); // another page finds them on the server
    try {
      await again.openImage(stillLife);
      await expect.poll(() => again.page.getByRole("row").count()).toBe(count);
    } finally {
      await again.close();
    }
  });
});

describe.skipIf(!findChromium())("the studio from a static host", () => {
  beforeAll(async () => {
    site = await openStaticSite();
  });
  afterAll(() => site?.close());

  it("runs all in the browser, without a server and without shared memory, and gives the same masks", async () => {
    studio = await site.open();
    expect(await studio.page.evaluate(() => crossOriginIsolated)).toBe(false);
    await studio.openImage(stillLife);
    await clickPear();
    expect(await iouOfLast(goldenOf("point-pear"))).toBeGreaterThan(ENOUGH);

    // Everything mode is broken off, falls silent, and leaves the worker free for the next click.
    const { page } = studio;
    await page.keyboard.press("Shift+A");
    await page.getByText(/^[1-9]\d* masks? so far$/).waitFor();
    await page.getByRole("button", { name: "Stop", exact: true }).last().click();
    await page.getByRole("button", { name: "Find all masks" }).last().waitFor();
    await page.keyboard.press("c");
    await clickPear();
    expect(await iouOfLast(goldenOf("point-pear"))).toBeGreaterThan(ENOUGH);
    expect(await page.getByText("so far").count()).toBe(0);
    expect(studio.errors).toEqual([]);
    await studio.close();
  });

  it.skipIf(availableParallelism() < 2)(
    "looks at the next image while the first one is worked on",
    async () => {
      studio = await site.open();
      const { page } = studio;
      const image = await readImage(stillLife);
      await studio.openImage([
        { name: "first.png", mimeType: "image/png", buffer: Buffer.from(await encodePng(image)) },
        { name: "still-life.jpg", mimeType: "image/jpeg", buffer: await readFile(stillLife) },
      ]);
      const next = page.getByRole("option", { name: "still-life.jpg" });
      await expect.poll(() => next.getAttribute("aria-label")).toMatch(/being looked at/);
      await clickPear();
      await expect.poll(() => next.getAttribute("aria-label")).toMatch(/1200 by 800$/);
      await next.click();
      await page.getByText("Click an object.").waitFor();
      await clickPear();
      expect(await iouOfLast(goldenOf("point-pear"))).toBeGreaterThan(ENOUGH);
      expect(studio.errors).toEqual([]);
      await studio.close();
    },
  );
});

async function countFound(): Promise<number> {
  return Number.parseInt(
    (await studio.page
      .getByText(/^\d+ masks?$/)
      .first()
      .textContent()) ?? "",
    10,
  );
}
