/** Masks of files whose sizes are as stored, in images that EXIF turns. */
import { encodeRle, type Mask, runsToMask } from "@segany/masks";
import { assert, asyncProperty, constantFrom, integer, tuple, uint8Array } from "fast-check";
import { describe, expect, it } from "vitest";
import { createStudioStore } from "../state/create-store.js";
import { EMPTY_DOCUMENT } from "../state/document.js";
import { startHistory } from "../state/history.js";
import { DEFAULT_PREFERENCES } from "../state/initial-state.js";
import type { GalleryImage } from "../state/types.js";
import { addMaskFiles } from "./add-mask-files.js";

type Orientation = NonNullable<GalleryImage["orientation"]>;
const ORIENTATIONS = [1, 2, 3, 4, 5, 6, 7, 8] as const satisfies readonly Orientation[];

/** Of which sides of what is seen the stored first row and first column are (EXIF, tag 0x0112). */
const FIRST_ROW = ["", "top", "top", "bottom", "bottom", "left", "right", "right", "left"];
const FIRST_COLUMN = ["", "left", "right", "right", "left", "top", "top", "bottom", "bottom"];

/** What is seen of stored pixels, each put where its distances from both sides say. */
function asSeen({ width, height, data }: Mask, orientation: Orientation): Mask {
  const [seenWidth, seenHeight] = orientation >= 5 ? [height, width] : [width, height];
  const seen = new Uint8Array(data.length);
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const from = new Map([
        [FIRST_ROW[orientation], row],
        [FIRST_COLUMN[orientation], column],
      ]);
      const x = from.get("left") ?? seenWidth - 1 - from.get("right")!;
      const y = from.get("top") ?? seenHeight - 1 - from.get("bottom")!;
      seen[y * seenWidth + x] = data[row * width + column]!;
    }
  return { width: seenWidth, height: seenHeight, data: seen };
}

/** A gallery of images, each with its size as seen. */
function openStore(...shown: readonly Pick<GalleryImage, "name" | "width" | "height" | "orientation">[]) {
  const store = createStudioStore(DEFAULT_PREFERENCES);
  const images = shown.map((image): GalleryImage => {
    const loading = { phase: "ready" } as const;
    return { ...image, id: image.name, thumbnailUrl: "", loading, history: startHistory(EMPTY_DOCUMENT) };
  });
  store.set(() => ({ images, openImageId: images[0]!.id }));
  return {
    store,
    objectsOf: (i: number) => store.getState().images[i]!.history.present.objects,
    said: () => store.getState().notices.map(({ text }) => text),
  };
}

const shown = (name: string, seen: Mask, orientation: Orientation) => ({
  name,
  width: seen.width,
  height: seen.height,
  orientation,
});

/** COCO with the sizes that the masks have. */
function cocoOf(...masks: readonly (Mask & { readonly name: string; readonly fields?: object })[]): File {
  const images = masks.map(({ name, width, height }, i) => ({ id: i + 1, file_name: name, width, height }));
  const annotations = masks.map(({ fields, ...mask }, i) => {
    return { id: i + 1, image_id: i + 1, segmentation: encodeRle(mask), ...fields };
  });
  return new File([JSON.stringify({ images, annotations, categories: [] })], "masks.json");
}

const blank = (width: number, height: number): Mask => ({
  width,
  height,
  data: new Uint8Array(width * height),
});
/** A square of 800 pixels. */
const square = { segmentation: [[4, 4, 44, 4, 44, 24, 4, 24]] };

describe("masks with sizes as stored", () => {
  it("are turned with their image, for all orientations and sizes", async () => {
    const mask = tuple(integer({ min: 1, max: 7 }), integer({ min: 1, max: 7 })).chain(([width, height]) =>
      uint8Array({ min: 0, max: 1, minLength: width * height, maxLength: width * height })
        .filter((data) => data.includes(1))
        .map((data): Mask => ({ width, height, data })),
    );
    await assert(
      asyncProperty(mask, constantFrom(...ORIENTATIONS), async (stored, orientation) => {
        // The second image tells that sizes are as stored, also of flips.
        const [seen, other] = [asSeen(stored, orientation), blank(3, 2)];
        const { store, objectsOf } = openStore(
          shown("a.png", seen, orientation),
          shown("b.png", asSeen(other, 6), 6),
        );
        const file = cocoOf({ ...stored, name: "a.png" }, { ...other, name: "b.png" });
        expect(await addMaskFiles(store, [file])).toEqual([]);
        expect(objectsOf(0).map(({ segmentation }) => runsToMask(segmentation))).toEqual([seen]);
      }),
      { numRuns: 200 },
    );
  });

  it("are where the photo shows what they are of, and that is said", async () => {
    const { store, objectsOf, said } = openStore({ name: "a.jpg", width: 48, height: 64, orientation: 6 });
    await addMaskFiles(store, [cocoOf({ ...blank(64, 48), name: "a.jpg", fields: square })]);
    expect(objectsOf(0)).toMatchObject([{ boxXywh: [24, 4, 20, 40], areaPx: 800 }]);
    expect(said()).toEqual([
      "1 object imported from masks.json. Masks of 1 image turned: the file has sizes as stored, before EXIF's turn.",
    ]);
  });

  it("of LabelMe and CVAT are turned, too", async () => {
    const points = [
      [4, 4],
      [44, 4],
      [44, 24],
      [4, 24],
    ];
    const labelme = JSON.stringify({
      shapes: [{ label: "cat", points }],
      imagePath: "a.jpg",
      imageWidth: 64,
      imageHeight: 48,
    });
    const cvat = `<annotations><version>1.1</version><image id="0" name="a.jpg" width="64" height="48">
      <polygon label="cat" points="4,4;44,4;44,24;4,24"/></image></annotations>`;
    for (const file of [new File([labelme], "a.json"), new File([cvat], "annotations.xml")]) {
      const { store, objectsOf } = openStore({ name: "a.jpg", width: 48, height: 64, orientation: 6 });
      expect(await addMaskFiles(store, [file])).toEqual([]);
      expect(objectsOf(0)).toMatchObject([{ boxXywh: [24, 4, 20, 40], areaPx: 800 }]);
    }
  });

  it("stay where the size is that of the image as seen, and where no image tells", async () => {
    for (const orientation of [6, 3] as const) {
      const { store, objectsOf, said } = openStore({ name: "a.jpg", width: 64, height: 48, orientation });
      await addMaskFiles(store, [cocoOf({ ...blank(64, 48), name: "a.jpg", fields: square })]);
      expect(objectsOf(0)).toMatchObject([{ boxXywh: [4, 4, 40, 20] }]);
      expect(said()).toEqual(["1 object imported from masks.json."]);
    }
  });

  it("are not for an image that lies on its side without EXIF", async () => {
    const { store } = openStore({ name: "a.jpg", width: 48, height: 64 });
    const [failure] = await addMaskFiles(store, [
      cocoOf({ ...blank(64, 48), name: "a.jpg", fields: square }),
    ]);
    expect(failure).toMatch(/its name and size must fit/);
  });
});
