/** Images that EXIF turns, and masks as their pixels are stored, in a real browser. */
import { encodeRle, type MaskRuns, runsToMask } from "@segany/masks";
import { loadSharp } from "@segany/sam/images";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findChromium } from "../../../scripts/testing/find-chromium.mjs";
import { openShellSite, type Shell, type ShellSite } from "./shell-site.js";

const SIZE = { width: 64, height: 48 };
/** Not the same after any turn. */
const CORNER = { x: 4, y: 4, width: 40, height: 20 };

const isInside = (i: number): boolean => {
  const [x, y] = [(i % SIZE.width) - CORNER.x, Math.floor(i / SIZE.width) - CORNER.y];
  return x >= 0 && y >= 0 && x < CORNER.width && y < CORNER.height;
};

const MASK = Uint8Array.from({ length: SIZE.width * SIZE.height }, (_, i) => (isInside(i) ? 1 : 0));

/** A photo that is white where the mask is. */
async function photo(format: "jpeg" | "png" | "webp", orientation: number): Promise<string> {
  const sharp = await loadSharp();
  const raw = { ...SIZE, channels: 1 } as const;
  const image = sharp(
    MASK.map((value) => 255 * value),
    { raw },
  ).withMetadata({ orientation });
  return (await image.toFormat(format, { quality: 100 }).toBuffer()).toString("base64");
}

/** COCO with the sizes as stored. */
function cocoOf(names: readonly string[]): string {
  const segmentation = encodeRle({ ...SIZE, data: MASK });
  return JSON.stringify({
    images: names.map((file_name, i) => ({ id: i + 1, file_name, ...SIZE })),
    annotations: names.map((_, i) => ({ id: i + 1, image_id: i + 1, segmentation })),
    categories: [],
  });
}

interface SeenImage {
  readonly name: string;
  readonly masks: readonly MaskRuns[];
  /** One for each pixel that the browser shows white. */
  readonly white: readonly number[];
}

describe.skipIf(!findChromium())("masks with sizes as stored", () => {
  let site: ShellSite;
  let shell: Shell;
  beforeAll(async () => {
    site = await openShellSite();
    shell = await site.open();
  });
  afterAll(() => site?.close());

  it.each(["jpeg", "png", "webp"] as const)("lie on what the browser shows of a %s", async (format) => {
    const names = Array.from({ length: 8 }, (_, i) => `${i + 1}.${format}`);
    const images = await Promise.all(
      names.map(async (name, i) => ({ name, content: await photo(format, i + 1) })),
    );
    const seen = await shell.page.evaluate<readonly SeenImage[]>(`(async () => {
      const { studio } = window.shellPage;
      const files = [];
      const white = new Map();
      for (const { name, content } of ${JSON.stringify(images)}) {
        const blob = await (await fetch("data:image/${format};base64," + content)).blob();
        files.push(new File([blob], name, { type: "image/${format}" }));
        const bitmap = await createImageBitmap(blob);
        const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext("2d");
        context.drawImage(bitmap, 0, 0);
        const { data } = context.getImageData(0, 0, bitmap.width, bitmap.height);
        white.set(name, Array.from({ length: data.length / 4 }, (_, i) => (data[4 * i] > 127 ? 1 : 0)));
      }
      await studio.addFiles([...files, new File([${JSON.stringify(cocoOf(names))}], "masks.json")]);
      return studio.getState().images.filter(({ name }) => white.has(name)).map(({ name, history }) => ({
        name,
        masks: history.present.objects.map(({ segmentation }) => segmentation),
        white: white.get(name),
      }));
    })()`);
    expect(seen.map(({ name }) => name)).toEqual(names);
    for (const { name, masks, white } of seen) {
      expect(masks, name).toHaveLength(1);
      const { width, height, counts } = masks[0]!;
      const runs = { width, height, counts: Uint32Array.from(Object.values(counts)) };
      expect([...runsToMask(runs).data], name).toEqual(white);
    }
  });
});
