import axe from "axe-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { findChromium } from "../../../scripts/testing/find-chromium.mjs";
import {
  openServerSite,
  openStaticSite,
  type StudioPage,
  type StudioSite,
  stillLife,
} from "./studio-site.js";

async function violations({ page }: StudioPage): Promise<string[]> {
  await page.evaluate(axe.source);
  const found = await page.evaluate<axe.Result[]>("axe.run().then(({ violations }) => violations)");
  return found
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join("\n")}`);
}

describe.skipIf(!findChromium())("words", () => {
  let server: StudioSite;
  let alone: StudioSite;
  let studio: StudioPage;
  beforeAll(async () => {
    [server, alone] = await Promise.all([openServerSite(), openStaticSite()]);
  });
  afterAll(() => Promise.all([server?.close(), alone?.close()]));
  afterEach(() => studio?.close());

  it("find masks by keys alone, of which one or all become objects, taken back at once", async () => {
    studio = await server.open();
    const { page } = studio;
    await studio.openImage(stillLife);
    await page.keyboard.press("f");
    await page.keyboard.type("apple");
    await page.keyboard.press("Enter");
    await page.getByText("Nothing is “apple” here, as the detector sees it.").waitFor();
    await page.getByLabel("Score").fill("0.2");
    await page.getByText("2 masks for “apple”, by the detector").waitFor();
    expect(await violations(studio)).toEqual([]);
    await page
      .getByRole("button", { name: /^Keep apple 0\.2/ })
      .first()
      .click();
    await page.getByLabel("Score").focus();
    await page.keyboard.press("Shift+k");
    await page.getByText("1 object added.").waitFor();
    const objects = page.getByRole("region", { name: "Objects" }).getByRole("row");
    expect(await objects.count()).toBe(2);
    expect(await page.getByRole("region", { name: "Classes" }).getByText("apple").count()).toBe(1);
    await page.keyboard.press("Control+z");
    expect(await objects.count()).toBe(1);
    await page.keyboard.press("Control+z");
    expect(await objects.count()).toBe(0);
    expect(await page.getByRole("region", { name: "Classes" }).getByText("apple").count()).toBe(0);

    await page.getByLabel("Words").fill("flux capacitor");
    await page.keyboard.press("Enter");
    await page.getByRole("alert").getByText("Near are:").waitFor();
    expect(studio.errors.filter((error) => !error.includes("422"))).toEqual([]);
  });

  it("say where they are understood, on a page without a server", async () => {
    studio = await alone.open();
    await studio.openImage(stillLife);
    await studio.page.keyboard.press("f");
    await studio.page.getByText("Words are understood by a server alone: start segany serve").waitFor();
    expect(await studio.page.getByRole("button", { name: "Find", exact: true }).isDisabled()).toBe(true);
  });
});
