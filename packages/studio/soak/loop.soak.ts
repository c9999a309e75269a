/** The model in the loop, on the embedded weights: a team's page through the three stages. */
import { execFileSync } from "node:child_process";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { encodePng } from "@segany/sam";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findChromium } from "../../../scripts/testing/find-chromium.mjs";
import { openServerSite, type StudioPage, type StudioSite } from "../test/studio-site.js";
import { expectAccessible } from "../test/violations.js";

const command = fileURLToPath(new URL("../../cli/bin/segany.js", import.meta.url));
const PASSWORD = "correct horse";
const IMAGES = 8;

/** Discs of an image, each of its own colour: centre and radius. */
const discsOf = (image: number): readonly (readonly [x: number, y: number, radius: number])[] => [
  [260 + 20 * image, 240, 90],
  [820, 280 + 15 * image, 120],
  [560 - 15 * image, 600, 80],
];

function centreOf(image: number, disc: number): readonly [x: number, y: number] {
  const [x, y] = discsOf(image)[disc]!;
  return [x, y];
}

const COLOURS = [
  [240, 200, 40],
  [220, 60, 50],
  [60, 200, 90],
] as const;

function draw(image: number): Promise<Uint8Array> {
  const [width, height] = [1200, 800];
  const data = new Uint8ClampedArray(4 * width * height);
  const discs = discsOf(image);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const inside = discs.findIndex(([cx, cy, radius]) => Math.hypot(x - cx, y - cy) < radius);
      const ground = 40 + (20 * y) / height;
      const [r, g, b] = COLOURS[inside] ?? [ground, ground + 5, ground + 20];
      data.set([r, g, b, 255], 4 * (y * width + x));
    }
  return encodePng({ width, height, data });
}

let data: string;
function segany(args: readonly string[], input = ""): string {
  return execFileSync(process.execPath, [command, "engine", ...args, "--data", data], {
    ...{ input, encoding: "utf8", stdio: ["pipe", "pipe", "inherit"] },
  });
}

async function prepare(folder: string): Promise<void> {
  data = folder;
  const photos = join(folder, "../photos");
  await mkdir(photos, { recursive: true });
  for (let i = 0; i < IMAGES; i++) await writeFile(join(photos, `${i}.png`), await draw(i));
  segany(["init", photos, "--images-per-job", "1"]);
  segany(["users", "add", "olga", "--administrator"], PASSWORD);
}

let site: StudioSite;
const pages: StudioPage[] = [];

async function signIn(name: string): Promise<StudioPage> {
  const opened = await site.open({ path: "projects.html" });
  pages.push(opened);
  const { page } = opened;
  await page.getByLabel("Name").fill(name);
  await page.getByLabel("Password").fill(PASSWORD);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByRole("link", { name: /^photos/ }).click();
  await page.getByRole("heading", { name: "People" }).waitFor();
  return opened;
}

async function nameOf({ page }: StudioPage): Promise<string | null> {
  const [name] = await page.locator(".gallery-item[aria-selected=true] .gallery-name").allTextContents();
  return name ?? null;
}
const rows = ({ page }: StudioPage) => page.locator(".object-row");
const badges = ({ page }: StudioPage) => page.locator(".object-row .confidence-badge");
const nothingLeft = ({ page }: StudioPage) => page.getByRole("heading", { name: "All done" }).waitFor();

/** The number of the image that is open, once it can be asked. */
async function openImage(desk: StudioPage, before?: number): Promise<number> {
  const name = () => nameOf(desk);
  await expect.poll(name).toMatch(before === undefined ? /png$/ : new RegExp(`^[^${before}]\\.png$`));
  await desk.page.getByText("Click an object.").waitFor();
  return Number.parseInt((await name())!, 10);
}

async function startWork(desk: StudioPage, link: string): Promise<number> {
  await desk.page.getByRole("link", { name: link }).click();
  return openImage(desk);
}

const done = ({ page }: StudioPage) => page.keyboard.press("Control+Enter");

/** A click on each disc. */
async function labelDiscs(desk: StudioPage, image: number): Promise<void> {
  for (const [i, [x, y]] of discsOf(image).entries()) {
    await desk.click(x, y);
    await desk.page.keyboard.press("Enter");
    await expect.poll(() => rows(desk).count()).toBe(i + 1);
  }
}

/** The reviewer accepts all that waits. */
async function acceptAll(rita: StudioPage, jobs: number): Promise<void> {
  let before: number | undefined;
  for (let i = 0; i < jobs; i++) {
    before = await openImage(rita, before);
    await done(rita);
  }
  await nothingLeft(rita);
}

/** The data engine's routes, as somebody who is signed in. */
function apiOf({ page }: StudioPage) {
  const project = new URL(page.url()).searchParams.get("project")!;
  const ask = async (method: "get" | "post", path: string, body?: object) => {
    const url = new URL(`v1/engine/${path.replace("PROJECT", `projects/${project}`)}`, site.url).href;
    const answer = await page.request[method](url, {
      ...(body && { data: body }),
      headers: { origin: new URL(site.url).origin },
    });
    if (!answer.ok()) throw new Error(`${path}: ${await answer.text()}`);
    return answer.json();
  };
  return {
    get: (path: string) => ask("get", path),
    post: (path: string, body: object) => ask("post", path, body),
  };
}

type Api = ReturnType<typeof apiOf>;

/** Runs a stage, few points and all masks, and waits for its end. */
async function runStage(api: Api, stage: 2 | 3, images?: number) {
  const settings = { precision: 0.01, pointsPerSide: 8, ...(images !== undefined && { images }) };
  const { id, work } = await api.post("PROJECT/stages", { stage, ...settings });
  const state = async () => (await api.get(`work-items/${work}`)).state;
  await expect.poll(state).toBe("done");
  return (await api.get("PROJECT/stages")).find((run: { id: string }) => run.id === id);
}

/** The models that gave the masks of the image that is open, in the order of its objects. */
async function modelsOf(api: Api, { page }: StudioPage): Promise<string[]> {
  const query = new URL(page.url()).searchParams;
  const list = await api.get(`jobs/${query.get("job")}/images/${query.get("image")}/annotations`);
  const hashes = list.map(async ({ id }: { id: string }) => {
    const revisions = await api.get(`annotations/${id}/revisions`);
    return revisions.at(-1).provenance.model.hash;
  });
  return Promise.all(hashes);
}

/** Paints across the image into the mask of the first object in the list. */
async function paintIntoFirst({ page }: StudioPage): Promise<void> {
  await page.locator(".object-row .row-name").first().click();
  await page.keyboard.press("r");
  const finish = page.getByRole("button", { name: "Done", exact: true });
  await finish.waitFor();
  await page.keyboard.press("p");
  const { x, y, width, height } = (await page.locator("canvas").first().boundingBox())!;
  await page.mouse.move(x + width / 3, y + height / 4);
  await page.mouse.down();
  await page.mouse.move(x + width / 2, y + (2 * height) / 3, { steps: 4 });
  await page.mouse.up();
  await finish.click();
}

describe.skipIf(!findChromium())("the model in the loop", () => {
  beforeAll(async () => {
    site = await openServerSite({ prepare });
  });
  afterAll(() => site?.close());

  it("is trained by what a team made, labels before them and alone, and is audited", async () => {
    const olga = await signIn("olga");
    const api = apiOf(olga);
    for (const [name, role] of Object.entries({ anna: "worker", ben: "worker", rita: "supervisor" })) {
      await api.post("people", { name, password: PASSWORD });
      await api.post("PROJECT/members", { name, role });
    }
    const [anna, ben, rita] = [await signIn("anna"), await signIn("ben"), await signIn("rita")];

    // Stage 1: people click, a reviewer accepts.
    let [hers, his] = [await startWork(anna, "Label next image"), await startWork(ben, "Label next image")];
    expect(hers).not.toBe(his);
    for (let round = 0; round < 2; round++) {
      await labelDiscs(anna, hers);
      await labelDiscs(ben, his);
      await done(anna);
      hers = await openImage(anna, hers);
      await done(ben);
      his = await openImage(ben, his);
    }
    await rita.page.getByRole("link", { name: "Review next job" }).click();
    await acceptAll(rita, 4);

    // A version is trained while Anna is at work: it takes over, and her draft stays.
    await anna.page.evaluate("window.isSamePage = true");
    await anna.click(...centreOf(hers, 0));
    const training = { steps: 2, learningRate: 1e-5 };
    await api.post("PROJECT/models", { training, force: "to try it" });
    const notice = anna.page.getByText("Version 1 of the project's model answers from now on.");
    await notice.waitFor();
    expect(await anna.page.evaluate("window.isSamePage")).toBe(true);
    await anna.page.getByRole("button", { name: /version 1/ }).waitFor();
    await anna.page.keyboard.press("Enter");
    await expect.poll(() => rows(anna).count()).toBe(1);
    await anna.click(...centreOf(hers, 1));
    await anna.page.keyboard.press("Enter");
    await expect.poll(() => rows(anna).count()).toBe(2);
    const [base, version] = await api.get("PROJECT/models");
    expect([base.state, version.state]).toEqual(["former", "current"]);
    await expect.poll(() => modelsOf(api, anna)).toEqual([base.checkpoint, version.checkpoint]);

    // Stage 2: what the model made is there with its confidence, until people change it.
    await ben.click(...centreOf(his, 0)); // from here on nothing is filled in on this image
    await ben.page.keyboard.press("Enter");
    await expect.poll(() => rows(ben).count()).toBe(1);
    await ben.page.getByText(/kept in this browser/).waitFor({ state: "detached" });
    const filled = await runStage(api, 2, 1);
    const sure = { threshold: expect.any(Number) }; // else there was nothing to be sure of
    expect(filled).toMatchObject({ stage: 2, version: version.id, confidence: sure });
    expect(filled.images).toMatchObject({ done: 1, total: 1 });
    await done(ben);
    his = await openImage(ben, his);
    await expect.poll(() => badges(ben).count()).toBe(filled.masks);
    const found = await rows(ben).count();
    expect([found, found > 3]).toEqual([filled.masks, true]);
    expect(await badges(ben).first().textContent()).toMatch(/^\d+ % sure$/);
    await expectAccessible(ben.page);
    await ben.page.getByLabel("Order").selectOption("most-sure");
    await paintIntoFirst(ben);
    await expect.poll(() => badges(ben).count()).toBe(found - 1);
    await rows(ben).first().locator(".row-name").click();
    await ben.page.keyboard.press("Delete");
    await expect.poll(() => badges(ben).count()).toBe(found - 2);
    expect(await rows(ben).count()).toBe(found - 1);
    await ben.page.getByText(/kept in this browser/).waitFor({ state: "detached" });
    await ben.page.reload();
    await ben.page.getByText("Click an object.").waitFor();
    await expect.poll(() => badges(ben).count()).toBe(found - 2); // as the server has it, too

    // Stage 3: the model alone, audited by what Anna leaves as it is.
    const alone = await runStage(api, 3);
    expect(alone).toMatchObject({ stage: 3, version: version.id, images: { done: 1, total: 1 } });
    await olga.page.getByRole("link", { name: "Model" }).click();
    await olga.page.getByRole("row", { name: /^1 in use/ }).waitFor();
    await expectAccessible(olga.page);
    const { masks } = alone;
    expect(masks).toBeGreaterThan(2);
    await olga.page.getByLabel("Masks of the sample").fill("100"); // all that there are
    await olga.page.getByRole("button", { name: "Ask annotators about a sample" }).click();
    await olga.page.getByText(`0 of ${masks} masks corrected, in 1 job.`).waitFor();
    await done(anna);
    const audited = await openImage(anna, hers);
    await expect.poll(() => rows(anna).count()).toBe(masks);
    await rows(anna).first().locator(".row-name").click();
    await anna.page.keyboard.press("Delete");
    await expect.poll(() => rows(anna).count()).toBe(masks - 1);
    await done(anna);
    await done(ben);
    expect(await openImage(ben, his)).toBe(audited);
    await olga.page.reload();
    const share = (masks - 1) / masks;
    const said = `IoU to the correction above .9: ${(100 * share).toFixed(1)} % (`;
    await olga.page.getByText(`${masks} of ${masks} masks corrected, in 1 job. ${said}`).waitFor();
    const { audit } = await api.get("PROJECT/audit");
    expect(audit).toMatchObject({ share75: share, share90: share, masks: { total: masks, done: masks } });
    // Wilson's ends are the true shares from which the one found is 1.96 standard errors away.
    const ends = audit.interval90 as [number, number];
    expect(ends[0]).toBeLessThan(share);
    expect(ends[1]).toBeGreaterThan(share);
    for (const end of ends)
      expect(Math.abs(share - end)).toBeCloseTo(1.959964 * Math.sqrt((end * (1 - end)) / masks), 5);
    await rita.page.getByRole("button", { name: "Look again" }).click();
    await acceptAll(rita, 4); // the audit too
    for (const { errors } of pages) expect(errors).toEqual([]);
  });
});
