/** The machine's work from a project's page: everything mode, an export, an import of what was exported. */
import { execFileSync } from "node:child_process";
import { copyFile, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { openDataset } from "@segany/dataset";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findChromium } from "../../../scripts/testing/find-chromium.mjs";
import { unpackInto } from "./downloads.js";
import { chooseFiles } from "./file-chooser.js";
import { openServerSite, type StudioPage, type StudioSite, stillLife } from "./studio-site.js";
import { expectAccessible } from "./violations.js";

const command = fileURLToPath(new URL("../../cli/bin/segany.js", import.meta.url));

async function prepare(data: string): Promise<void> {
  const photos = join(data, "../photos");
  await mkdir(photos, { recursive: true });
  await copyFile(stillLife, join(photos, "a.jpg"));
  execFileSync(process.execPath, [command, "engine", "init", photos, "--class", "pear", "--data", data]);
}

describe.skipIf(!findChromium())("the machine's page", () => {
  let site: StudioSite;
  let folder = "";
  beforeAll(async () => {
    site = await openServerSite({ prepare });
    folder = await mkdtemp(join(tmpdir(), "segany-machine-"));
  });
  afterAll(async () => {
    await site?.close();
    await rm(folder, { recursive: true, force: true });
  });

  const row = ({ page }: StudioPage, name: RegExp) => page.locator(".work-list li").filter({ hasText: name });

  it("finds objects, cancels, exports, and imports what it exported", async () => {
    const opened = await site.open({ path: "projects.html" });
    const { page } = opened;
    await page.getByRole("link", { name: /^photos/ }).click();
    await page.getByRole("link", { name: "Machine" }).click();
    await page.getByRole("heading", { name: "Find all objects" }).waitFor();
    const find = row(opened, /Find all objects of photos/);

    await page.getByLabel("Class of the masks").selectOption("pear");
    await page.getByLabel("Points a side").fill("128");
    await page.getByRole("button", { name: "Find objects" }).click();
    await find.getByRole("button", { name: /Cancel/ }).click();
    await find.getByText("cancelled").waitFor();
    await page.getByLabel("Points a side").fill("4");
    await page.getByRole("button", { name: "Find objects" }).click();
    await find
      .first()
      .getByText(/^1 image, \d+ masks$/)
      .waitFor();

    await page.getByLabel("Which images").selectOption("all");
    await page.getByRole("button", { name: "Export", exact: true }).click();
    const link = page.getByRole("link", { name: "Download" });
    await link.waitFor();
    const file = await opened.download(() => link.click());
    expect(file.name).toMatch(/\.zip$/);
    const records = [];
    const dataset = await openDataset(await unpackInto(join(folder, "set"), file));
    for await (const record of dataset.records()) records.push(record);
    expect(records).toHaveLength(1);
    const masks = records[0]!.annotations.length;
    expect(masks).toBeGreaterThan(1);
    await find.first().getByText(`1 image, ${masks} masks`).waitFor();
    await expectAccessible(page);

    const payload = { name: "set.zip", mimeType: "application/zip", buffer: file.bytes };
    await chooseFiles(page, () => page.getByLabel("Zip file").click(), [payload]);
    await page.getByLabel("Name of the task").fill("again");
    await page.getByLabel("Its masks are accepted work").check();
    await page.getByRole("button", { name: "Import", exact: true }).click();
    await row(opened, /Import/)
      .getByText(`1 image, ${masks} masks`)
      .waitFor();
    await expect.poll(() => page.locator("select[name=task]").textContent()).toContain("again");
    await page.getByRole("link", { name: "Jobs and people" }).click();
    await page.getByText("1 accepted").waitFor();
    expect(opened.errors).toEqual([]);
  });
});
