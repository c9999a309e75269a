/** Files that are not what they seem, dropped on the page: the user is told, and nothing else happens. */
import { mkdir, mkdtemp, rm, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import { encode } from "fast-png";
import type { CDPSession } from "playwright-core";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { findChromium } from "../../../scripts/testing/find-chromium.mjs";
import { openShellSite, type Shell, type ShellSite } from "./shell-site.js";

const IMAGE = { width: 900, height: 600, file_name: "made up.png" };

const sa1b = (annotation: object, image: object = {}) =>
  JSON.stringify({ image: { ...IMAGE, image_id: 1, ...image }, annotations: [{ id: 1, ...annotation }] });
const coco = (...annotations: object[]) =>
  JSON.stringify({ images: [{ ...IMAGE, id: 1 }], categories: [], annotations });

describe.skipIf(!findChromium())("files dropped on the page", () => {
  let site: ShellSite;
  let shell: Shell;
  let folder: string;
  let session: CDPSession;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "segany-hostile-"));
    site = await openShellSite();
    shell = await site.open();
    await shell.openImage("made up.png");
    await shell.look("window.shellPage.addMadeObjects(3)");
    session = await shell.page.context().newCDPSession(shell.page);
  });
  afterAll(async () => {
    await site?.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 10 });
  });
  beforeEach(async () => {
    await shell.look("studio.set(() => ({ notices: [] }))");
  });

  /** Everything that must stay as it was. */
  const state = () =>
    shell.look(`({
      images: studio.getState().images.map(({ history, ...image }) => image),
      document_,
      steps: studio.getState().images[0].history.past.map(({ label }) => label),
      openImageId: studio.getState().openImageId,
      tool: studio.getState().tool,
      view: studio.getState().view,
    })`);

  async function drop(...names: readonly string[]): Promise<void> {
    const data = { items: [], files: names.map((name) => join(folder, name)), dragOperationsMask: 1 };
    for (const type of ["dragEnter", "dragOver", "drop"] as const)
      await session.send("Input.dispatchDragEvent", { type, x: 600, y: 400, data });
  }

  /** What the user is told of a file. */
  async function complaintOf(name: string, content: string | Uint8Array): Promise<string> {
    await writeFile(join(folder, name), content);
    await drop(name);
    await shell.page.locator(".notice-error").waitFor();
    return (await shell.page.locator(".notice").allTextContents()).join("\n");
  }

  it("are taken when nothing is wrong with them", async () => {
    const mask = { segmentation: { size: [600, 900], counts: [0, 1000, 539_000] } };
    await writeFile(join(folder, "good.json"), sa1b(mask));
    await drop("good.json");
    await shell.until("document_.objects.length === 4");
    await shell.look("studio.undo()");
  });

  it.each([
    ["no JSON", "broken.json", '{"images": [', /"broken\.json" is not valid JSON/],
    ["an image with the name of masks", "image.json", "\u0089PNG\r\n", /"image\.json" is not valid JSON/],
    ["an empty file", "empty.json", "", /"empty\.json" is not valid JSON/],
    [
      "a hundred thousand brackets",
      "deep.json",
      "[".repeat(100_000),
      /"deep\.json" is nested deeper than 64 levels/,
    ],
    ["JSON of something else", "else.json", '{"name": "segany"}', /else\.json/],
    [
      "a mask that is larger than its image",
      "large.json",
      sa1b({ segmentation: { size: [6000, 9000], counts: [54_000_000] } }),
      /large\.json: annotation 0/,
    ],
    [
      "runs that go on and on",
      "runs.json",
      sa1b({ segmentation: { size: [600, 900], counts: [0, 1e15] } }),
      /runs\.json: annotation 0/,
    ],
    [
      "COCO with nothing but a bad mask",
      "bad.json",
      coco({ id: 3, image_id: 1, segmentation: [[1, 2, null, 4, 5, 6]] }),
      /bad\.json: annotation 0/,
    ],
    [
      "masks of another image",
      "other.json",
      sa1b({ segmentation: { size: [7, 9], counts: [63] } }, { width: 9, height: 7 }),
      /"other\.json" has masks of other images/,
    ],
    ["text with the name of an image", "text.png", "not an image", /"text\.png" is not an image/],
    ["an empty image", "empty.jpg", "", /"empty\.jpg" is not an image/],
    ["a program", "program.exe", "MZ", /"program\.exe" is not an image/],
  ])("of %s are refused with a word, and all stays as it was", async (_, name, content, complaint) => {
    const before = await state();
    expect(await complaintOf(name, content)).toMatch(complaint);
    expect(await state()).toEqual(before);
    expect(await shell.page.locator(".notice").count()).toBe(1);
  });

  it("of one bad mask after a good one are taken without it, and the user is told", async () => {
    const good = { id: 1, image_id: 1, segmentation: { size: [600, 900], counts: [0, 1000, 539_000] } };
    const bad = { id: 2, image_id: 1, segmentation: [[1, 2, null, 4, 5, 6]] };
    await writeFile(join(folder, "second.json"), coco(good, bad));
    await drop("second.json");
    await shell.until("document_.objects.length === 4");
    await shell.page.getByText(/1 left out, the first because: second\.json: annotation 1/).waitFor();
    await shell.look("studio.undo()");
  });

  it("of half an image are refused", async () => {
    const whole = noise(300, 200);
    const before = await state();
    expect(await complaintOf("half.png", whole.subarray(0, whole.length >> 1))).toMatch(
      /"half\.png" is not an image/,
    );
    expect(await state()).toEqual(before);
  });

  it("of 144 megapixels are refused before they are decoded", async () => {
    const huge = blackPng(12_000, 12_000);
    const before = await state();
    expect(await complaintOf("huge.png", huge)).toMatch(
      /"huge\.png" is 12000 x 12000 pixels.*100 megapixels/,
    );
    expect(await state()).toEqual(before);
  });

  it("of more masks than can be read at once are refused", async () => {
    await writeFile(join(folder, "gigabyte.json"), "");
    await truncate(join(folder, "gigabyte.json"), 1e9);
    const before = await state();
    await drop("gigabyte.json");
    await shell.page.locator(".notice-error", { hasText: /"gigabyte\.json" has 1000 MB/ }).waitFor();
    expect(await state()).toEqual(before);
  });

  it("that are bad do not keep good ones of the same folder away", async () => {
    await mkdir(join(folder, "mixed"));
    const good = noise(30, 20);
    await writeFile(join(folder, "mixed/a.png"), "not an image");
    await writeFile(join(folder, "mixed/b.png"), good);
    await writeFile(join(folder, "mixed/c.json"), "{");
    await drop("mixed");
    await shell.until(
      "studio.getState().images.some(({ name }) => name === 'b.png') && studio.getState().notices.length === 1",
    );
    const told = (await shell.page.locator(".notice-error").allTextContents()).join("\n");
    expect(told).toMatch(/^2 files could not be opened, the first because: "a\.png" is not an image/);
  });
});

/** An image that does not get smaller by packing. */
function noise(width: number, height: number): Uint8Array {
  const data = Uint8Array.from({ length: width * height }, (_, i) => Math.imul(i + 1, 0x9e3779b1) >>> 24);
  return encode({ width, height, data, channels: 1, depth: 8 });
}

/** An image of one bit a pixel. */
function blackPng(width: number, height: number): Uint8Array {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([1, 0, 0, 0, 0], 8);
  const rows = Buffer.alloc(height * (1 + Math.ceil(width / 8)));
  const chunk = (name: string, content: Uint8Array) => {
    const named = Buffer.concat([Buffer.from(name), content]);
    const length = Buffer.alloc(4);
    const check = Buffer.alloc(4);
    length.writeUInt32BE(content.length);
    check.writeUInt32BE(crc32(named));
    return Buffer.concat([length, named, check]);
  };
  return Buffer.concat([
    Buffer.from("\u0089PNG\r\n\u001a\n", "latin1"),
    chunk("IHDR", header),
    chunk("IDAT", deflateSync(rows)),
    chunk("IEND", new Uint8Array()),
  ]);
}
