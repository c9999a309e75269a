/** Images into the gallery and out of it, and masks into images. */

import { messageOf, StudioError } from "../errors.js";
import { imagesOfZips, isMaskFile } from "../formats/unpack-files.js";
import { createImageIntake, type ImageIntake, type ImageIntakeParts } from "./add-images.js";
import { addMaskFiles } from "./add-mask-files.js";
import type { ImageLoader } from "./image-loader.js";

/** What the gallery does. */
export interface Gallery extends Pick<ImageIntake, "addStored" | "addLocal"> {
  /** @param masksAlone leaves out the images of zips */
  readonly addFiles: (files: readonly File[], masksAlone?: boolean) => Promise<void>;
  readonly openImage: (imageId: string) => void;
  readonly removeImage: (imageId: string) => Promise<void>;
  /** Takes all images out of the page. Nothing is deleted where they are kept. */
  readonly clear: () => void;
}

interface GalleryParts extends ImageIntakeParts {
  readonly loader: ImageLoader;
}

export function createGallery({ loader, ...parts }: GalleryParts): Gallery {
  const { store, images, api, local } = parts;
  const intake = createImageIntake(parts);

  function open(imageId: string): void {
    if (store.getState().openImageId === imageId) return;
    store.set(() => ({ openImageId: imageId, hover: null, keyCursor: null, selectedIds: [] }));
  }

  return {
    async addFiles(files, masksAlone = false) {
      let first: string | null = null;
      const zipped = masksAlone ? { images: [], failures: [] } : await imagesOfZips(files);
      const failures = [...zipped.failures];
      const others = [...files.filter((file) => !isMaskFile(file)), ...zipped.images];
      for (const [done, file] of others.entries()) {
        if (others.length > 1) store.set(() => ({ adding: { done, total: others.length } }));
        try {
          const id = await intake.addFile(file);
          if (first === null) open(id);
          first ??= id;
        } catch (error) {
          failures.push(messageOf(error));
        }
      }
      // Behind the images, which masks name.
      const masks = files.filter(isMaskFile);
      failures.push(...(await addMaskFiles(store, masks, zipped.images.length > 0)));
      store.set(() => ({ adding: null }));
      if (failures.length > 0) store.notify("error", describeFailures([...new Set(failures)]));
    },
    openImage: open,
    async removeImage(imageId) {
      const { images: all, openImageId } = store.getState();
      const index = all.findIndex(({ id }) => id === imageId);
      if (index < 0) return;
      const neighbour = all[index + 1] ?? all[index - 1];
      if (openImageId === imageId)
        store.set(() => ({ openImageId: neighbour?.id ?? null, hover: null, selectedIds: [] }));
      store.set((state) => ({ images: state.images.filter(({ id }) => id !== imageId) }));
      loader.forget(imageId);
      images.remove(imageId);
      URL.revokeObjectURL(all[index]!.thumbnailUrl);
      try {
        const keeper = await local;
        await Promise.all([keeper?.removeImage(imageId), keeper?.removeMasks(imageId)]);
        // An image with all in this browser was never sent.
        const server = api();
        if (server && (await server.findImage(imageId))) await server.removeImage(imageId);
      } catch (error) {
        if (error instanceof StudioError && error.code === "not-found") return;
        store.notify("warning", `The image is still kept. ${messageOf(error)}`);
      }
    },
    clear() {
      const ids = store.getState().images.map(({ id }) => id);
      store.set(() => ({ images: [], openImageId: null, hover: null, keyCursor: null, selectedIds: [] }));
      for (const id of ids) {
        loader.forget(id);
        images.remove(id);
      }
    },
    addStored: intake.addStored,
    addLocal: intake.addLocal,
  };
}

/** In one notice: a folder may be full of files that are no images. */
function describeFailures([first, ...others]: readonly string[]): string {
  return others.length === 0
    ? first!
    : `${others.length + 1} files could not be opened, the first because: ${first}`;
}
