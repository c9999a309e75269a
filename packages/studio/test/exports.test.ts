/** What the page saves, opened by the readers of @segany/dataset; and what it reads of that again. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  cocoFormat,
  type Dataset,
  type DatasetFormat,
  type DatasetRecord,
  labelMapFormat,
  pngFormat,
  sa1bFormat,
} from "@segany/dataset";
import {
  areaOfRuns,
  encodeRle,
  type Mask,
  type MaskRuns,
  type Rle,
  runsToMask,
  runsToRle,
} from "@segany/masks";
import { type DecodedPng, decode } from "fast-png";
import { unzipSync } from "fflate";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { findChromium } from "../../../scripts/testing/find-chromium.mjs";
import { type DownloadedFile, downloadFrom, unpackInto } from "./downloads.js";
import { chooseFiles } from "./file-chooser.js";
import { openShellSite, type Shell, type ShellSite } from "./shell-site.js";

/** What of an object files can hold. */
interface PageObject {
  readonly segmentation: MaskRuns;
  readonly areaPx: number;
  readonly boxXywh: readonly number[];
  readonly name: string;
  readonly colour: number;
  readonly source: string;
  readonly predictedIou: number | null;
  readonly stabilityScore: number | null;
  readonly points: readonly { readonly at: readonly number[]; readonly label: 0 | 1 }[];
  readonly boxXyxy: readonly number[] | null;
}

const NAMES = ['Pear, "ripe"', "Flasche 🍾; grün"];

describe.skipIf(!findChromium())("masks that the page saves", () => {
  let site: ShellSite;
  let shell: Shell;
  let folder: string;
  beforeAll(async () => {
    site = await openShellSite();
    shell = await site.open();
    await shell.openImage("made up.jpg");
    await shell.look("window.shellPage.addMadeObjects(3)");
    await shell.openImage("made up.png");
    await makeObjects(shell);
  });
  afterAll(() => site?.close());
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "segany-exports-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true, maxRetries: 10 }));

  const objects = () =>
    shell.look<PageObject[]>(
      `document_.objects.map(({ id, visible, locked, ...rest }) => ({
        ...rest, points: rest.points.map(({ at, label }) => ({ at, label })),
      }))`,
    );

  const masksIn = (name: string) =>
    shell.look<MaskRuns[]>(
      `studio.getState().images.find(({ name }) => name === "${name}")
        .history.present.objects.map(({ segmentation }) => segmentation)`,
    );

  async function save(label: string, scope = "This image"): Promise<DownloadedFile> {
    const { page } = shell;
    await page.keyboard.press("Control+s");
    await page.getByRole("radio", { name: label }).check();
    await page.getByRole("radio", { name: scope }).check();
    const file = await downloadFrom(page, () => page.getByRole("button", { name: /^Export \d/ }).click());
    await page.getByRole("dialog").waitFor({ state: "detached" });
    return file;
  }

  async function importFile(name: string, buffer: Buffer): Promise<void> {
    const { page } = shell;
    const mimeType = name.endsWith(".zip") ? "application/zip" : "application/json";
    await chooseFiles(page, () => page.keyboard.press("Control+i"), [{ name, mimeType, buffer }]);
  }

  async function read(format: DatasetFormat, file: DownloadedFile): Promise<Dataset> {
    return format.read(await unpackInto(join(folder, format.name), file));
  }

  it.each([
    { label: "COCO JSON", format: cocoFormat },
    { label: "SA-1B JSON", format: sa1bFormat },
  ])("are read from $label as they are seen, with names, colours and prompts", async ({ label, format }) => {
    const file = await save(label);
    const { image, annotations } = await only(await read(format, file));
    expect(image).toMatchObject({ fileName: "made up.png", width: 900, height: 600 });
    const kept = await objects();
    expect(annotations.map(({ segmentation }) => segmentation)).toEqual(
      kept.map(({ segmentation }) => runsToRle(segmentation)),
    );
    expect(annotations).toMatchObject(
      kept.map(({ areaPx, boxXywh, name, colour, source, points, boxXyxy }) => ({
        area: areaPx,
        bboxXywh: boxXywh,
        extra: {
          name,
          colour,
          source,
          prompt: { points: points.map(({ at, label }) => [...at, label]), box: boxXyxy },
        },
      })),
    );
    expect(annotations.map(({ predictedIou }) => predictedIou ?? null)).toEqual(
      kept.map(({ predictedIou }) => predictedIou),
    );
  });

  it("have a class in COCO for each name that somebody gave", async () => {
    const dataset = await read(cocoFormat, await save("COCO JSON"));
    const { annotations } = await only(dataset);
    const nameOf = new Map(dataset.categories.map(({ id, name }) => [id, name]));
    expect(annotations.map(({ categoryId }) => nameOf.get(categoryId!))).toEqual([
      "object",
      "object",
      ...NAMES,
    ]);
  });

  it("are read from PNGs pixel by pixel, with their names", async () => {
    const dataset = await read(pngFormat, await save("PNG masks"));
    const { image, annotations } = await only(dataset);
    const kept = await objects();
    expect(image).toMatchObject({ width: 900, height: 600 });
    expect(annotations.map(({ segmentation }) => segmentation)).toEqual(
      kept.map(({ segmentation }) => runsToRle(segmentation)),
    );
    const nameOf = new Map(dataset.categories.map(({ id, name }) => [id, name]));
    expect(annotations.map(({ categoryId }) => nameOf.get(categoryId!))).toEqual([
      "object",
      "object",
      ...NAMES,
    ]);
    const [first] = kept[2]!.points;
    expect(annotations[2]!.pointCoords).toEqual([first!.at]);
  });

  it("are read from a label map, the smaller of two that overlap on top", async () => {
    const { annotations } = await only(await read(labelMapFormat, await save("Label map")));
    const kept = await objects();
    const expected = visibleParts(kept.map(({ segmentation }) => segmentation));
    expect(annotations.map(({ id, segmentation }) => [id, segmentation])).toEqual(
      expected.map((segmentation, i) => [i + 1, segmentation]),
    );
    // Something was hidden, or the order would not have mattered.
    expect(annotations.some(({ area }, i) => area < kept[i]!.areaPx)).toBe(true);
  });

  it.each([
    { label: "COCO JSON", format: cocoFormat },
    { label: "SA-1B JSON", format: sa1bFormat },
    { label: "PNG masks", format: pngFormat },
    { label: "Label map", format: labelMapFormat },
  ])("of two images of one name stay apart in $label", async ({ label, format }) => {
    const masksOf = (count: number) =>
      records
        .find(({ annotations }) => annotations.length === count)
        ?.annotations.map(({ segmentation }) => segmentation);
    const records = await all(await read(format, await save(label, "All 2 images")));
    expect(new Set(records.map(({ image }) => image.fileName)).size).toBe(2);
    for (const masks of [await masksIn("made up.png"), await masksIn("made up.jpg")])
      expect(masksOf(masks.length)).toEqual(
        format === labelMapFormat ? visibleParts(masks) : masks.map(runsToRle),
      );
  });

  it.each(["COCO JSON", "SA-1B JSON"])(
    "come back from %s as they were, and one step takes them away",
    async (label) => {
      const kept = await objects();
      const { name, bytes } = await save(label);
      await shell.look(`studio.edit("Clear", (document) => ({ ...document, objects: [] }))`);
      await importFile(name, bytes);
      await shell.until("document_.objects.length === 4");
      expect(await objects()).toEqual(kept);
      await shell.page.keyboard.press("Control+z");
      expect(await objects()).toEqual([]);
      await shell.page.keyboard.press("Control+z");
      expect(await objects()).toEqual(kept);
    },
  );

  it.each([
    ["YOLO", NAMES],
    ["LabelMe JSON", NAMES],
    ["CVAT XML", NAMES],
    ["Pascal VOC", NAMES],
  ])("come back from %s in a zip, with a class for each name", async (label, names) => {
    const kept = await masksIn("made up.png");
    const { name, bytes } = await save(label);
    expect(name).toMatch(/\.zip$/);
    await shell.look(`studio.edit("Clear", (document) => ({ ...document, objects: [] }))`);
    await importFile(name, bytes);
    await shell.until("document_.objects.length === 4");
    const sortedAreas = (masks: readonly MaskRuns[]) => masks.map(areaOfRuns).toSorted((a, b) => a - b);
    const back = await masksIn("made up.png");
    // Maps have one object for each pixel; the others give masks back to the pixel.
    if (label !== "Pascal VOC") expect(sortedAreas(back)).toEqual(sortedAreas(kept));
    const classes = await shell.look<string[]>("studio.getState().classes.present.map(({ name }) => name)");
    expect(classes).toEqual(expect.arrayContaining([...names, "object"]));
    await shell.page.keyboard.press("Control+z");
    expect(await shell.look("studio.getState().classes.present")).toEqual([]);
    await shell.page.keyboard.press("Control+z");
    expect(await masksIn("made up.png")).toEqual(kept);
  });

  it("of two images come back from COCO, each to its own, whichever is open", async () => {
    const kept = [await masksIn("made up.png"), await masksIn("made up.jpg")];
    const { bytes } = await save("COCO JSON", "All 2 images");
    await shell.look(`studio.getState().images.map(({ id }) =>
      studio.editImage(id, "Clear", (document) => ({ ...document, objects: [] })))`);
    await importFile("annotations.json", bytes);
    await shell.until("studio.getState().images.every(({ history }) => history.present.objects.length > 0)");
    expect([await masksIn("made up.png"), await masksIn("made up.jpg")]).toEqual(kept);
    await shell.page.keyboard.press("Control+z");
    await shell.page.keyboard.press("Control+z");
  });

  it("of many images go to none that they don't name, and the user hears of those", async () => {
    const before = await objects();
    const image = (id: number, file_name: string) => ({ id, file_name, width: 900, height: 600 });
    const mask = (id: number, image_id: number) => ({
      id,
      image_id,
      segmentation: { size: [600, 900], counts: [0, id, 540_000 - id] },
    });
    const coco = {
      images: [image(1, "made up.png"), image(2, "elsewhere.png"), image(3, "without a mask.png")],
      annotations: [mask(10, 1), mask(20, 2), mask(30, 2)],
    };
    await importFile("many.json", Buffer.from(JSON.stringify(coco)));
    await shell.page
      .getByText("1 object imported from many.json. It has masks of 1 more image, not open here.")
      .waitFor();
    expect((await objects()).slice(before.length).map(({ areaPx }) => areaPx)).toEqual([10]);
    await shell.page.keyboard.press("Control+z");
  });

  describe("as cut-outs", () => {
    it("are in a zip: the image inside of the mask, nothing around it", async () => {
      await shell.page.keyboard.press("Shift+X");
      const { name, bytes } = await downloadFrom(shell.page, () =>
        shell.page.getByRole("button", { name: "Save all of the tray" }).click(),
      );
      expect(name).toBe("made up-cut-outs.zip");
      const files = unzipSync(bytes);
      expect(Object.keys(files)).toEqual([
        "1-Object 1.png",
        "2-Object 2.png",
        "3-Pear, _ripe_.png",
        "4-Flasche 🍾; grün.png",
      ]);
      const image = decode(await imageOf(shell));
      for (const [i, object] of (await objects()).entries())
        expectCutOut(decode(Object.values(files)[i]!), image, object);
    });

    it("go through the clipboard", async () => {
      await shell.page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
      await shell.look("studio.set(() => ({ selectedIds: [document_.objects[3].id] }))");
      await shell.page.keyboard.press("Control+c");
      await shell.page.getByText("is in the clipboard").waitFor();
      const pasted = await shell.page.evaluate<string>(`(async () => {
        const [item] = await navigator.clipboard.read();
        return (${BASE64_OF})(await item.getType("image/png"));
      })()`);
      expectCutOut(
        decode(Buffer.from(pasted, "base64")),
        decode(await imageOf(shell)),
        (await objects())[3]!,
      );
    });
  });

  it("are what the canvas shows", async () => {
    await shell.page.setViewportSize({ width: 3600, height: 2200 });
    await shell.until("studio.getState().stageSize.height > 1900");
    await shell.look(
      `studio.set(() => ({ selectedIds: [], view: { scale: ${SEEN_SCALE}, offsetX: 60, offsetY: 60 } }))`,
    );
    const { annotations } = await only(await read(sa1bFormat, await save("SA-1B JSON")));
    for (const [i, { segmentation }] of annotations.entries()) {
      await shell.look(`studio.edit("Hide", (document) => ({
        ...document, objects: document.objects.map((object, k) => ({ ...object, visible: k === ${i} })),
      }))`);
      await expect.poll(async () => encodeRle(await seenMask(shell))).toEqual(segmentation);
    }
  });
});

/** Pixels of the screen for one of the image: an outline of 1.5 leaves the middle one of three alone. */
const SEEN_SCALE = 3;

/** In the page: a blob's bytes as text. */
const BASE64_OF = `async (blob) => {
  const bytes = new Uint8Array(await blob.arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}`;

/**
 * Two with ragged outlines, and two of the user's own: one by clicks, one by a box, with a hole rubbed into
 * it.
 */
async function makeObjects({ page, look, until }: Shell): Promise<void> {
  await look("window.shellPage.addMadeObjects(2)");
  const at = (x: number, y: number) =>
    look<[number, number]>(`(() => {
      const { scale, offsetX, offsetY } = studio.getState().view;
      const { left, top } = document.querySelector(".stage").getBoundingClientRect();
      return [left + ${x} * scale + offsetX, top + ${y} * scale + offsetY];
    })()`);
  const answered = () => until("!studio.getState().predicting && document_.draft.alternatives !== null");
  const keepAs = async (name: string, colour: string) => {
    await page.keyboard.press("Enter");
    await until("document_.draft.alternatives === null");
    await page.locator(".row-name").last().click();
    await page.keyboard.press("F2");
    await page.keyboard.insertText(name);
    await page.keyboard.press("Enter");
    await page.getByLabel(`Colour of ${name}`).first().click();
    await page.getByRole("radio", { name: colour }).check();
    await page.keyboard.press("Escape");
  };

  await page.mouse.click(...(await at(300, 300)));
  await answered();
  await page.mouse.click(...(await at(330, 310)), { button: "right" });
  await answered();
  await keepAs(NAMES[0]!, "Teal");

  await page.keyboard.press("b");
  await page.mouse.move(...(await at(420, 200)));
  await page.mouse.down();
  await page.mouse.move(...(await at(720, 420)), { steps: 4 });
  await page.mouse.up();
  await answered();
  await page.keyboard.press("e");
  await page.mouse.click(...(await at(570, 310)));
  await until("document_.draft.painted !== null");
  await keepAs(NAMES[1]!, "Lime");
  await page.keyboard.press("c");
}

async function all(dataset: Dataset): Promise<DatasetRecord[]> {
  const records: DatasetRecord[] = [];
  for await (const record of dataset.records()) records.push(record);
  return records;
}

async function only(dataset: Dataset): Promise<DatasetRecord> {
  const [record, ...others] = await all(dataset);
  expect(others).toEqual([]);
  return record!;
}

/** Of each mask the pixels that no smaller one has. */
function visibleParts(masks: readonly MaskRuns[]): Rle[] {
  const decoded = masks.map(runsToMask);
  const areas = masks.map(areaOfRuns);
  const [{ width, height }] = decoded as [Mask];
  const owner = new Int32Array(width * height).fill(-1);
  for (const [i, { data }] of decoded.entries())
    for (let pixel = 0; pixel < owner.length; pixel++)
      if (data[pixel] && (owner[pixel] === -1 || areas[i]! < areas[owner[pixel]!]!)) owner[pixel] = i;
  return masks.map((_, i) =>
    encodeRle({ width, height, data: Uint8Array.from(owner, (each) => +(each === i)) }),
  );
}

/** Pixels of the image whose middle is tinted. */
async function seenMask({ look }: Shell): Promise<Mask> {
  const seen = await look<string>(`(() => {
    const { scale, offsetX, offsetY } = studio.getState().view;
    const context = document.querySelectorAll("canvas")[1].getContext("2d");
    const { data, width } = context.getImageData(offsetX, offsetY, 900 * scale, 600 * scale);
    let text = "";
    for (let y = 0; y < 600; y++)
      for (let x = 0; x < 900; x++)
        text += data[4 * ((y * scale + 1) * width + x * scale + 1) + 3] > 0 ? "1" : "0";
    return text;
  })()`);
  return { width: 900, height: 600, data: Uint8Array.from(seen, Number) };
}

/** The open image as a PNG. */
async function imageOf({ page }: Shell): Promise<Buffer> {
  const text = await page.evaluate<string>(`(async () => {
    const { studio } = window.shellPage;
    const bitmap = await studio.bitmapOf(studio.getState().openImageId);
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    canvas.getContext("2d").drawImage(bitmap, 0, 0);
    return (${BASE64_OF})(await canvas.convertToBlob({ type: "image/png" }));
  })()`);
  return Buffer.from(text, "base64");
}

/** Alpha is the mask, colours inside are the image's, and around it is nothing. */
function expectCutOut(png: DecodedPng, image: DecodedPng, { segmentation, boxXywh }: PageObject): void {
  const [x0, y0, width, height] = boxXywh as [number, number, number, number];
  expect([png.width, png.height, png.channels]).toEqual([width, height, 4]);
  const mask = runsToMask(segmentation);
  const expected = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const pixel = (y0 + y) * mask.width + x0 + x;
      if (!mask.data[pixel]) continue;
      const colour = image.data.slice(image.channels * pixel, image.channels * pixel + 3);
      expected.set([...colour, 255], 4 * (y * width + x));
    }
  expect(Buffer.compare(Buffer.from(png.data as Uint8Array), Buffer.from(expected))).toBe(0);
}
