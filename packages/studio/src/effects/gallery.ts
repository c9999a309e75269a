/** Pictures into the gallery and out of it, and masks into pictures. */

import { messageOf, StudioError } from "../errors.js";
import { addMasks } from "./add-masks.js";
import { createPictureIntake, type PictureIntake, type PictureIntakeParts } from "./add-pictures.js";
import type { PictureSessions } from "./picture-sessions.js";

/** What the gallery does. */
export interface Gallery extends Pick<PictureIntake, "addStored"> {
  readonly addFiles: (files: readonly File[]) => Promise<void>;
  readonly openPicture: (pictureId: string) => void;
  readonly removePicture: (pictureId: string) => Promise<void>;
}

interface GalleryParts extends PictureIntakeParts {
  readonly sessions: PictureSessions;
}

export function createGallery({ store, pictures, sessions, api }: GalleryParts): Gallery {
  const intake = createPictureIntake({ store, pictures, api });

  function open(pictureId: string): void {
    if (store.getState().openPictureId === pictureId) return;
    store.set(() => ({ openPictureId: pictureId, hover: null, keyCursor: null, selectedObjectId: null }));
  }

  return {
    async addFiles(files) {
      let first: string | null = null;
      const failures: string[] = [];
      for (const file of [...files].sort((a, b) => Number(isMasks(a)) - Number(isMasks(b)))) {
        try {
          if (isMasks(file)) await addMasks(store, file);
          else {
            const id = await intake.addFile(file);
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
    addStored: intake.addStored,
  };
}

/** In one notice: a folder may be full of files that are no pictures. */
function describeFailures([first, ...others]: readonly string[]): string {
  return others.length === 0
    ? first!
    : `${others.length + 1} files could not be opened, the first because: ${first}`;
}

function isMasks({ name, type }: File): boolean {
  return type === "application/json" || /\.json$/i.test(name);
}
