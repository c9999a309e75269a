import { encodeRle } from "@segany/masks";
import { afterEach, expect, test, vi } from "vitest";
import { createPictureStore } from "../pictures/picture-store.js";
import { createStudioStore } from "../state/create-store.js";
import { EMPTY_DOCUMENT } from "../state/document.js";
import { startHistory } from "../state/history.js";
import { DEFAULT_PREFERENCES } from "../state/initial-state.js";
import type { Picture } from "../state/types.js";
import { createGallery } from "./gallery.js";
import type { PictureSessions } from "./picture-sessions.js";

const SIZE = { width: 4, height: 4 };

afterEach(() => void vi.unstubAllGlobals());

/** An `<img>` of a browser that reads no picture. */
class UnreadableImage {
  onerror: (() => void) | null = null;
  set src(_: string) {
    queueMicrotask(() => this.onerror?.());
  }
}

/** A gallery with one open picture, in a browser that reads none. */
function setUp() {
  vi.stubGlobal("Image", UnreadableImage);
  const store = createStudioStore(DEFAULT_PREFERENCES);
  const picture: Picture = {
    id: "p",
    name: "p.png",
    ...SIZE,
    thumbnailUrl: "",
    loading: { phase: "waiting" },
    history: startHistory(EMPTY_DOCUMENT),
  };
  store.set(() => ({ openPictureId: picture.id, pictures: [picture] }));
  const api = () => null;
  const sessions = {} as Partial<PictureSessions> as PictureSessions;
  const gallery = createGallery({ store, sessions, api, pictures: createPictureStore(api) });
  return {
    store,
    gallery,
    notices: () => store.getState().notices.map(({ kind, text }) => `${kind}: ${text}`),
  };
}

test("a file that is no picture is named, and many of them make one notice", async () => {
  const one = setUp();
  await one.gallery.addFiles([new File(["no"], "a.txt")]);
  expect(one.notices()).toEqual([
    'error: "a.txt" is not a picture that this browser can read. Take a whole JPEG, PNG or WebP file.',
  ]);
  const many = setUp();
  await many.gallery.addFiles(["a.txt", "b.txt", "c.txt"].map((name) => new File([name], name)));
  expect(many.notices()).toEqual([
    'error: 3 files could not be opened, the first because: "a.txt" is not a picture that this browser can read. Take a whole JPEG, PNG or WebP file.',
  ]);
});

test("masks go into the picture of their name and size, and it is told how many", async () => {
  const { store, gallery, notices } = setUp();
  const data = new Uint8Array(16).fill(1, 0, 8);
  const annotation = { segmentation: encodeRle({ ...SIZE, data }), area: 8, bbox: [0, 0, 4, 2] };
  const image = { image_id: 1, ...SIZE, file_name: "p.png" };
  const text = JSON.stringify({ image, annotations: [1, 2].map((id) => ({ id, ...annotation })) });
  await gallery.addFiles([new File([text], "masks.json")]);
  expect(store.getState().pictures[0]!.history.present.objects.map(({ areaPx }) => areaPx)).toEqual([8, 8]);
  expect(notices()).toEqual(["info: 2 objects imported from masks.json."]);
  const wider = JSON.stringify({ image: { ...image, width: 5 }, annotations: [] });
  await gallery.addFiles([new File([wider], "wider.json")]);
  expect(notices().at(-1)).toMatch(/^error: "wider.json" has masks of other pictures than those here/);
});
