/** Pictures into the gallery and out of it, and masks into pictures. */

import type { Size } from "@segany/masks";
import type { ImageInfo } from "@segany/server/contract";
import type { ApiClient } from "../api/api-client.js";
import { messageOf, StudioError } from "../errors.js";
import { type ImportedImage, importMasks } from "../formats/import-masks.js";
import { safeFileName } from "../formats/to-record.js";
import type { PictureStore } from "../pictures/picture-store.js";
import { needsServer } from "../pictures/picture-store.js";
import { checkPicture, idOfFile, summarise, THUMBNAIL_SIDE } from "../pictures/read-file.js";
import { EMPTY_DOCUMENT } from "../state/document.js";
import { addObjects } from "../state/edits.js";
import { startHistory } from "../state/history.js";
import { openPicture } from "../state/selectors.js";
import type { StudioStore } from "../state/studio-store.js";
import type { Picture } from "../state/types.js";
import { formatNumberOf } from "../text.js";
import type { PictureSessions } from "./picture-sessions.js";

/** Browsers make no text of much more than this, and what is read from it takes several times as much. */
const MAX_MASKS_BYTES = 256_000_000;

/** What the gallery does. */
export interface Gallery {
  readonly addFiles: (files: readonly File[]) => Promise<void>;
  readonly openPicture: (pictureId: string) => void;
  readonly removePicture: (pictureId: string) => Promise<void>;
  /** Shows what the server has. */
  readonly addStored: (images: readonly ImageInfo[]) => void;
}

interface GalleryParts {
  readonly store: StudioStore;
  readonly pictures: PictureStore;
  readonly sessions: PictureSessions;
  /** null where no server is, also before one was found. */
  readonly api: () => ApiClient | null;
}

/** A picture before anybody has worked on it. */
type NewPicture = Omit<Picture, "loading" | "history">;

export function createGallery({ store, pictures, sessions, api }: GalleryParts): Gallery {
  function add(added: readonly NewPicture[]): void {
    store.set((state) => {
      const known = new Set(state.pictures.map(({ id }) => id));
      const fresh = added.filter(({ id }) => !known.has(id)).map(toPicture);
      return { pictures: [...state.pictures, ...fresh] };
    });
  }

  function open(pictureId: string): void {
    if (store.getState().openPictureId === pictureId) return;
    store.set(() => ({ openPictureId: pictureId, hover: null, keyCursor: null, selectedObjectId: null }));
  }

  async function addPicture(file: File): Promise<string> {
    const server = api();
    if (needsServer(file) && server) {
      const onProgress = () => undefined;
      const info = await server.upload(file, file.name, { signal: new AbortController().signal, onProgress });
      addStored([info]);
      return info.id;
    }
    await checkPicture(file, file.name);
    const id = await idOfFile(file);
    if (!store.getState().pictures.some((picture) => picture.id === id)) {
      const summary = await summarise(file, file.name);
      pictures.add({ kind: "file", id, file, name: file.name });
      add([{ id, name: file.name, ...summary }]);
    }
    return id;
  }

  function addStored(images: readonly ImageInfo[]): void {
    const server = api();
    if (!server) return;
    for (const { id } of images) pictures.add({ kind: "stored", id });
    add(
      images.map(({ id, name, width, height }) => ({
        id,
        name,
        width,
        height,
        thumbnailUrl: server.pictureUrl(id, THUMBNAIL_SIDE),
      })),
    );
  }

  async function addMasks(file: File): Promise<void> {
    if (file.size > MAX_MASKS_BYTES)
      throw new StudioError(
        "masks-invalid",
        `"${file.name}" has ${Math.round(file.size / 1e6)} MB; this page reads ${MAX_MASKS_BYTES / 1e6} MB of masks at once. Divide the file with "segany dataset split".`,
      );
    const images = importMasks(await file.text(), file.name);
    const taken = images.filter((image) => {
      // The masks of one image may be meant for the open picture, whatever it is called; those of many are not.
      const picture = pictureNamed(image) ?? (images.length === 1 ? openOneLike(image) : null);
      if (!picture) return false;
      store.editPicture(picture.id, "Import masks", (document) => addObjects(document, image.objects));
      return true;
    });
    if (taken.length === 0)
      throw new StudioError(
        "masks-invalid",
        `"${file.name}" has masks of other pictures than those here. Open the picture first; its name and size must fit.`,
      );
    store.notify("info", describeImport(file.name, images, taken));
  }

  function pictureNamed(image: ImportedImage): Picture | null {
    const name = safeFileName(image.fileName);
    const { pictures } = store.getState();
    return (
      pictures.find((picture) => isOfSize(picture, image) && safeFileName(picture.name) === name) ?? null
    );
  }

  function openOneLike(image: ImportedImage): Picture | null {
    const current = openPicture(store.getState());
    return current && isOfSize(current, image) ? current : null;
  }

  return {
    async addFiles(files) {
      let first: string | null = null;
      const failures: string[] = [];
      for (const file of [...files].sort((a, b) => Number(isMasks(a)) - Number(isMasks(b)))) {
        try {
          if (isMasks(file)) await addMasks(file);
          else {
            const id = await addPicture(file);
            if (first === null) open(id);
            first ??= id;
          }
        } catch (error) {
          failures.push(messageOf(error));
        }
      }
      if (failures.length > 0) store.notify("error", describeFailures(failures));
    },
    openPicture: open,
    async removePicture(pictureId) {
      const { pictures: all, openPictureId } = store.getState();
      const index = all.findIndex(({ id }) => id === pictureId);
      if (index < 0) return;
      const neighbour = all[index + 1] ?? all[index - 1];
      if (openPictureId === pictureId)
        store.set(() => ({ openPictureId: neighbour?.id ?? null, hover: null, selectedObjectId: null }));
      store.set((state) => ({ pictures: state.pictures.filter(({ id }) => id !== pictureId) }));
      sessions.forget(pictureId);
      pictures.remove(pictureId);
      URL.revokeObjectURL(all[index]!.thumbnailUrl);
      try {
        // A picture that was never opened was never sent.
        const server = api();
        if (server && (await server.findImage(pictureId))) await server.removeImage(pictureId);
      } catch (error) {
        if (error instanceof StudioError && error.code === "not-found") return;
        store.notify("warning", `The picture is still on the server. ${messageOf(error)}`);
      }
    },
    addStored,
  };
}

/** In one notice: a folder may be full of files that are no pictures. */
function describeFailures([first, ...others]: readonly string[]): string {
  return others.length === 0
    ? first!
    : `${others.length + 1} files could not be opened, the first because: ${first}`;
}

function toPicture(picture: NewPicture): Picture {
  return { ...picture, loading: { phase: "waiting" }, history: startHistory(EMPTY_DOCUMENT) };
}

/** @param taken those of the images that are in the gallery */
function describeImport(
  fileName: string,
  images: readonly ImportedImage[],
  taken: readonly ImportedImage[],
): string {
  const count = taken.reduce((sum, { objects }) => sum + objects.length, 0);
  const left = images.filter((image) => image.objects.length > 0 && !taken.includes(image)).length;
  const imported = `${formatNumberOf(count, "object")} imported from ${fileName}.`;
  return left === 0
    ? imported
    : `${imported} It has masks of ${formatNumberOf(left, "more picture")}, not open here.`;
}

function isOfSize(a: Size, b: Size): boolean {
  return a.width === b.width && a.height === b.height;
}

function isMasks({ name, type }: File): boolean {
  return type === "application/json" || /\.json$/i.test(name);
}
