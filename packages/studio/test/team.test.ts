/** A team labels over a real server: two annotators, a reviewer and an owner, each in an own browser. */
import { execFileSync } from "node:child_process";
import { copyFile, mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findChromium } from "../../../scripts/testing/find-chromium.mjs";
import { openServerSite, type StudioPage, type StudioSite, stillLife, turnedPhoto } from "./studio-site.js";
import { expectAccessible } from "./violations.js";

const command = fileURLToPath(new URL("../../cli/bin/segany.js", import.meta.url));
const PASSWORD = "correct horse";

/** Eight photos; with ten replicas each, and the jobs that these are merged into, they are 88 jobs. */
const EXIF = Array.from({ length: 8 }, (_, i) => `exif${i + 1}.jpg`);

let site: StudioSite;
let data: string;
const pages: StudioPage[] = [];

function segany(args: readonly string[], input = ""): string {
  return execFileSync(process.execPath, [command, "engine", ...args, "--data", data], {
    ...{ input, encoding: "utf8", stdio: ["pipe", "pipe", "inherit"] },
  });
}

async function prepare(dataFolder: string): Promise<void> {
  data = dataFolder;
  const photos = join(dataFolder, "../photos");
  await mkdir(photos, { recursive: true });
  await copyFile(stillLife, join(photos, "a.jpg"));
  await copyFile(turnedPhoto, join(photos, "b.jpg"));
  segany(["init", photos, "--class", "pear", "apple", "--images-per-job", "1"]);
  const many = join(dataFolder, "../many");
  await mkdir(many);
  for (const name of EXIF) await copyFile(join(dirname(turnedPhoto), name), join(many, name));
  segany(["init", many, "--task", "replicated", "--images-per-job", "1", "--replicas", "10"]);
  segany(["init", many, "--task", "small"]);
  segany(["users", "add", "olga", "--administrator"], PASSWORD);
  for (const project of ["photos", "many"]) segany(["users", "role", "olga", "owner", "--project", project]);
}

async function openPage(path: string): Promise<StudioPage> {
  const opened = await site.open({ path });
  pages.push(opened);
  return opened;
}

async function fillAccount(page: Page, name: string): Promise<void> {
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill(PASSWORD);
}

/** The owner makes a link, and somebody joins by it with a new account. */
async function joinAs(owner: StudioPage, name: string, role: string): Promise<StudioPage> {
  const link = owner.page.getByLabel(/^Send this link/);
  const before = (await link.count()) > 0 ? await link.inputValue() : "";
  await owner.page.getByLabel("Role of the invited").selectOption(role);
  await owner.page.getByRole("button", { name: "Make an invitation link" }).click();
  await expect.poll(() => link.inputValue()).not.toBe(before);
  const joined = await openPage(await link.inputValue());
  await joined.page.getByText(`olga invites you to the project photos as ${role}.`).waitFor();
  await fillAccount(joined.page, name);
  await joined.page.getByRole("button", { name: "Make an account and join" }).click();
  await joined.page.getByRole("heading", { name: "People" }).waitFor();
  return joined;
}

async function startWork({ page }: StudioPage, link: string): Promise<string> {
  await page.getByRole("link", { name: link }).click();
  await page.getByText("Click an object.").waitFor();
  return new URL(page.url()).searchParams.get("image")!;
}

const done = ({ page }: StudioPage) => page.keyboard.press("Control+Enter");
const nothingLeft = ({ page }: StudioPage) => page.getByRole("heading", { name: "All done" }).waitFor();
const objectRows = ({ page }: StudioPage) => page.locator(".object-row .row-area");

describe.skipIf(!findChromium())("a team", () => {
  let [olga, anna, ben, rita] = [] as unknown as [StudioPage, StudioPage, StudioPage, StudioPage];
  beforeAll(async () => {
    site = await openServerSite({ prepare });
  });
  afterAll(() => site?.close());

  it("labels, rejects, corrects and accepts, and nothing is lost or given to two", async () => {
    olga = await openPage("projects.html");
    await fillAccount(olga.page, "olga");
    await olga.page.getByRole("button", { name: "Sign in" }).click();
    await expectAccessible(olga.page);
    await olga.page.getByRole("link", { name: /^photos/ }).click();
    anna = await joinAs(olga, "anna", "worker");
    ben = await joinAs(olga, "ben", "worker");
    rita = await joinAs(olga, "rita", "supervisor");

    // Each has an image of their own; what is made without a connection is sent later.
    const image = await startWork(anna, "Label next image");
    expect(await startWork(ben, "Label next image")).not.toBe(image);
    await anna.click(610, 430);
    await anna.page.context().setOffline(true);
    await anna.page.keyboard.press("Enter");
    await anna.page.getByText("No connection. 1 change kept in this browser.").waitFor();
    await anna.page.keyboard.press("2");
    await anna.page.getByText("No connection. 2 changes kept in this browser.").waitFor();
    await anna.page.context().setOffline(false);
    await anna.page.getByText(/kept in this browser/).waitFor({ state: "detached" });
    await anna.page.reload();
    await anna.page.getByText("Click an object.").waitFor();
    await expect.poll(() => objectRows(anna).allTextContents()).toEqual([expect.stringMatching(/^apple/)]);
    await expectAccessible(anna.page);
    await done(anna);
    await nothingLeft(anna);
    await ben.page.keyboard.press("Shift+S");
    await ben.page.getByLabel("Reason").fill("too small");
    await ben.page.getByRole("button", { name: "Skip image" }).last().click();
    await nothingLeft(ben);

    // The reviewer sends anna's job back, and sees it again once it is corrected.
    expect(await startWork(rita, "Review next job")).toBe(image);
    await expect.poll(() => objectRows(rita).count()).toBe(1);
    const [x, y] = await rita.screen(765, 300);
    await rita.page.mouse.move(x, y);
    await rita.page.keyboard.press("i");
    await rita.page.getByLabel("What is wrong here").fill("The bottle is missing");
    await rita.page.keyboard.press("Control+Enter");
    const pin = rita.page.getByRole("button", { name: "Issue 1: The bottle is missing" });
    const box = (await pin.boundingBox())!;
    expect(Math.hypot(box.x - x, box.y + box.height - y)).toBeLessThan(1);
    await expectAccessible(rita.page);
    await rita.page.keyboard.press("Shift+R");
    await rita.page.getByRole("dialog").getByRole("button", { name: "Reject job" }).click();
    await rita.page.getByText(/goes back to its annotator/).waitFor();

    await anna.page.getByRole("button", { name: "Look again" }).click();
    await anna.page.getByText("The bottle is missing").waitFor();
    expect(new URL(anna.page.url()).searchParams.get("image")).toBe(image);
    await anna.click(765, 300);
    await anna.page.keyboard.press("Enter");
    await anna.page.getByRole("button", { name: "Resolve issue 1" }).click();
    await anna.page.getByRole("button", { name: "Reopen issue 1" }).waitFor();
    await anna.page.getByRole("application").focus();
    await done(anna);
    await nothingLeft(anna);

    // Ben's job is with the reviewer by now; after it comes anna's again.
    await done(rita);
    await expect.poll(() => new URL(rita.page.url()).searchParams.get("image")).toBe(image);
    await expect.poll(() => objectRows(rita).count()).toBe(2);
    await done(rita);
    await nothingLeft(rita);

    await olga.page.reload();
    await olga.page.getByText("2 jobs: 0 to label, 0 in review, 2 accepted").waitFor();
    await olga.page.getByText("1 of 1, 1 skipped").waitFor();
    await expectAccessible(olga.page);
    for (const { errors } of pages) expect(errors.filter(isUnexpected)).toEqual([]);

    expect(await storedClasses(olga)).toEqual(["apple", "pear"]);
    // What the pages have recorded makes the same masks again.
    const replayed = { masks: 2, same: 2, differing: 0, refused: 0 };
    expect(JSON.parse(segany(["replay", "--project", "photos", "--json"]))).toMatchObject(replayed);
  });

  it("labels twice, decides between the versions, and sees what the masks cost", async () => {
    await olga.page.getByRole("link", { name: "Tasks and classes" }).click();
    await olga.page.getByRole("button", { name: "Add a class" }).click();
    await olga.page.getByLabel("Name of class 3").fill("bottle");
    await olga.page.getByRole("button", { name: "Move bottle up" }).click();
    await olga.page.getByRole("button", { name: "Save classes" }).click();
    const classes = olga.page.getByRole("list", { name: "Classes" }).getByRole("listitem");
    await expect.poll(() => classes.allTextContents()).toEqual(["pear", "bottle", "apple"]);
    await olga.page.getByLabel("Type").selectOption("consensus");
    await olga.page.getByLabel("Name", { exact: true }).fill("twice");
    await olga.page.getByLabel("Only images of no task").uncheck();
    await olga.page.getByLabel("Images by name").fill("A.*");
    await olga.page.getByText("1 image: a.jpg").waitFor();
    await olga.page.getByLabel("People an image").fill("2");
    await olga.page.getByRole("button", { name: "Make the task" }).click();
    await olga.page.getByText("twice").waitFor();
    await expectAccessible(olga.page);

    // Anna and Ben see the pear; Ben alone sees the bottle.
    for (const one of [anna, ben]) {
      await one.page.getByRole("button", { name: "Look again" }).click();
      await one.page.getByText("Click an object.").waitFor();
      expect(await objectRows(one).count()).toBe(0); // nobody sees what the other makes
      await one.click(610, 430);
      await one.page.keyboard.press("Enter");
      if (one === ben) {
        await ben.click(765, 300);
        await ben.page.keyboard.press("Enter");
      }
      await done(one);
      await nothingLeft(one);
    }

    // The pear is merged; the reviewer takes the bottle of the second version.
    await rita.page.getByRole("button", { name: "Look again" }).click();
    await rita.page.getByText("1 of 2 labelled this. Is it an object?").waitFor();
    await expect.poll(() => objectRows(rita).count()).toBe(1);
    await rita.page.getByText("Click an object.").waitFor();
    await rita.page.keyboard.press("Shift+D");
    const versions = rita.page.getByRole("button", { name: /^Keep pear, version/ });
    await expect.poll(() => versions.count()).toBe(3);
    await expectAccessible(rita.page);
    await rita.page.getByRole("button", { name: "Keep pear, version 2" }).nth(1).click();
    await expect.poll(() => objectRows(rita).count()).toBe(2);
    await rita.page.getByRole("button", { name: "Resolve issue 1" }).click();
    await rita.page.getByRole("button", { name: "Reopen issue 1" }).waitFor();
    await rita.page.getByRole("application").focus();
    await done(rita);
    await nothingLeft(rita);

    await olga.page.getByRole("link", { name: "Statistics" }).click();
    // Five masks of one click each; the two of the reviewed job were accepted as they were made.
    const made = olga.page.getByRole("row", { name: /^with clicks to the model 5 / });
    await made.waitFor();
    const cells = await made.getByRole("cell").allTextContents();
    expect([cells[0], cells[4], cells[5], cells[7]]).toEqual(["5", "1", "100 % of 2", "0.67"]);
    await expectAccessible(olga.page);
    const csv = olga.page.getByRole("link", { name: "CSV" }).first();
    const text = await csv.evaluate(async ({ href }: HTMLAnchorElement) => (await fetch(href)).text());
    expect(text).toMatch(/^key,masks,edits.*\r\n(.*\r\n)*semi-automatic,5,/);
    for (const { errors } of pages) expect(errors.filter(isUnexpected)).toEqual([]);

    await readsJobsByPage(olga);
  });
});

/** All jobs of a project with more than a page of them, by keyboard, and those of one task. */
async function readsJobsByPage(olga: StudioPage): Promise<void> {
  const { page } = olga;
  await page.getByRole("link", { name: "Projects" }).first().click();
  await page.getByRole("link", { name: /^many/ }).click();
  const pages = page.getByRole("navigation", { name: "Pages of jobs" });
  const shown = pages.getByRole("status");
  const jobs = () => page.locator("[data-job]").evaluateAll((rows) => rows.map((row) => row.dataset.job));
  await page.getByText("89 jobs: 89 to label, 0 in review, 0 accepted").waitFor();
  await expect.poll(() => shown.textContent()).toBe("Jobs 1 to 50 of 89");
  expect(await pages.getByRole("button", { name: "Previous" }).isDisabled()).toBe(true);
  const first = await jobs();
  await pages.getByRole("button", { name: "Next" }).press("Enter");
  await expect.poll(() => shown.textContent()).toBe("Jobs 51 to 89 of 89");
  expect(await pages.getByRole("button", { name: "Next" }).isDisabled()).toBe(true);
  expect(new Set([...first, ...(await jobs())]).size).toBe(89);
  await expectAccessible(olga.page);
  await pages.getByRole("button", { name: "Previous" }).click();
  await expect.poll(jobs).toEqual(first);
  await page.getByLabel("Jobs of").selectOption("small");
  await page.getByText("1 job: 1 to label, 0 in review, 0 accepted").waitFor();
  expect(await pages.count()).toBe(0);
  await page.getByRole("link", { name: "Projects" }).first().click();
  await page.getByRole("link", { name: /^photos/ }).click();
  await page.getByRole("heading", { name: "photos" }).waitFor();
}

/** Browsers write down that there was no connection. */
function isUnexpected(error: string): boolean {
  return !/ERR_INTERNET_DISCONNECTED|401/.test(error);
}

/** Classes of the masks that the server has of the project, by a member's session. */
function storedClasses({ page }: StudioPage): Promise<string[]> {
  return page.evaluate(async () => {
    const read = async (path: string) => (await fetch(`v1/engine/${path}`)).json();
    const project = new URLSearchParams(location.search).get("project");
    const names: string[] = [];
    for (const { id } of (await read(`projects/${project}/jobs`)).items)
      for (const { image } of await read(`jobs/${id}/images`))
        for (const { className } of await read(`jobs/${id}/images/${image}/annotations`))
          names.push(className);
    return names.sort();
  });
}
