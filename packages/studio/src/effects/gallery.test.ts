import { encodeRle } from "@segany/masks";
import { zipSync } from "fflate";
import { afterEach, expect, test, vi } from "vitest";
import { createImageStore } from "../images/image-store.js";
import { createStudioStore } from "../state/create-store.js";
import { EMPTY_DOCUMENT } from "../state/document.js";
import { startHistory } from "../state/history.js";
import { DEFAULT_PREFERENCES } from "../state/initial-state.js";
import type { GalleryImage } from "../state/types.js";
import { createGallery } from "./gallery.js";
import type { ImageLoader } from "./image-loader.js";

const SIZE = { width: 4, height: 4 };

afterEach(() => void vi.unstubAllGlobals());

/** An `<img>` of a browser that reads no image. */
class UnreadableImage {
  onerror: (() => void) | null = null;
  set src(_: string) {
    queueMicrotask(() => this.onerror?.());
  }
}

/** A gallery with one open image, in a browser that reads none. */
function setUp() {
  vi.stubGlobal("Image", UnreadableImage);
  const store = createStudioStore(DEFAULT_PREFERENCES);
  const image: GalleryImage = {
    id: "p",
    name: "p.png",
    ...SIZE,
    thumbnailUrl: "",
    loading: { phase: "waiting" },
    history: startHistory(EMPTY_DOCUMENT),
  };
  store.set(() => ({ openImageId: image.id, images: [image] }));
  const api = () => null;
  const loader = {} as Partial<ImageLoader> as ImageLoader;
  const gallery = createGallery({
    store,
    loader,
    api,
    images: createImageStore(api),
    local: Promise.resolve(null),
    onSent: () => undefined,
    onSendable: () => undefined,
  });
  return {
    store,
    gallery,
    notices: () => store.getState().notices.map(({ kind, text }) => `${kind}: ${text}`),
  };
}

test("images of a zip are opened with its masks, but not where masks alone are taken", async () => {
  const text = (content: string) => new TextEncoder().encode(content);
  const zip = () =>
    new File(
      [
        zipSync({
          "images/train/a.jpg": text("no"),
          "SegmentationClass/a.png": text("a map"),
          "__MACOSX/._a.jpg": text("notes"),
          "a.json": text('{"shapes": [], "imagePath": "a.jpg"}'),
        }) as Uint8Array<ArrayBuffer>,
      ],
      "export.zip",
    );
  const whole = setUp();
  await whole.gallery.addFiles([zip()]);
  expect(whole.notices().join()).toContain('"a.jpg" is not an image');
  expect(whole.notices().join()).not.toContain("._a.jpg");
  const masks = setUp();
  await masks.gallery.addFiles([zip()], true);
  expect(masks.notices().join()).not.toContain("is not an image");
  const broken = setUp();
  await broken.gallery.addFiles([new File(["no zip"], "b.zip")]);
  expect(broken.notices()).toEqual([expect.stringMatching(/^error: "b\.zip" is not a usable zip/)]);
});

test("a file that is no image is named, and many of them make one notice", async () => {
  const one = setUp();
  await one.gallery.addFiles([new File(["no"], "a.md")]);
  expect(one.notices()).toEqual([
    'error: "a.md" is not an image that this browser can read. Take a whole JPEG, PNG or WebP file.',
  ]);
  const many = setUp();
  await many.gallery.addFiles(["a.md", "b.md", "c.md"].map((name) => new File([name], name)));
  expect(many.notices()).toEqual([
    'error: 3 files could not be opened, the first because: "a.md" is not an image that this browser can read. Take a whole JPEG, PNG or WebP file.',
  ]);
});

test("masks go into the image of their name and size, and it is told how many", async () => {
  const { store, gallery, notices } = setUp();
  const data = new Uint8Array(16).fill(1, 0, 8);
  const annotation = { segmentation: encodeRle({ ...SIZE, data }), area: 8, bbox: [0, 0, 4, 2] };
  const image = { image_id: 1, ...SIZE, file_name: "p.png" };
  const text = JSON.stringify({ image, annotations: [1, 2].map((id) => ({ id, ...annotation })) });
  await gallery.addFiles([new File([text], "masks.json")]);
  expect(store.getState().images[0]!.history.present.objects.map(({ areaPx }) => areaPx)).toEqual([8, 8]);
  expect(notices()).toEqual(["info: 2 objects imported from masks.json."]);
  await gallery.addFiles([new File([text], "again.json")]);
  expect(store.getState().images[0]!.history.present.objects).toHaveLength(2);
  expect(notices().at(-1)).toBe(
    "info: 0 objects imported from again.json. 2 objects left out: already there.",
  );
  const withBox = JSON.stringify({
    images: [{ id: 1, ...SIZE, file_name: "p.png" }],
    annotations: [
      { id: 1, image_id: 1, ...annotation },
      { id: 2, image_id: 1, bbox: [0, 0, 2, 2] },
    ],
  });
  await gallery.addFiles([new File([withBox], "boxes.json")]);
  expect(notices().at(-1)).toBe(
    "info: 0 objects imported from boxes.json. 1 annotation left out: a box without a mask. 1 object left out: already there.",
  );
  const wider = JSON.stringify({ image: { ...image, width: 5 }, annotations: [] });
  await gallery.addFiles([new File([wider], "wider.json")]);
  expect(notices().at(-1)).toMatch(/^error: "wider.json" has masks of other images than those here/);
});
