import type { ImageInfo } from "@segany/server/contract";
import type { ApiClient } from "../api/api-client.js";
import type { PictureStore } from "../pictures/picture-store.js";
import { needsServer } from "../pictures/picture-store.js";
import { checkPicture, idOfFile, summarise, THUMBNAIL_SIDE } from "../pictures/read-file.js";
import { EMPTY_DOCUMENT } from "../state/document.js";
import { startHistory } from "../state/history.js";
import type { StudioStore } from "../state/studio-store.js";
import type { Picture } from "../state/types.js";

/** Takes pictures into the gallery; one that is there already stays as it is. */
export interface PictureIntake {
  /** @returns the picture's id @throws StudioError for a file that can't be opened */
  readonly addFile: (file: File) => Promise<string>;
  /** Shows what the server has. */
  readonly addStored: (images: readonly ImageInfo[]) => void;
}

export interface PictureIntakeParts {
  readonly store: StudioStore;
  readonly pictures: PictureStore;
  /** null where no server is, also before one was found. */
  readonly api: () => ApiClient | null;
}

/** A picture before anybody has worked on it. */
type NewPicture = Omit<Picture, "loading" | "history">;

export function createPictureIntake({ store, pictures, api }: PictureIntakeParts): PictureIntake {
  function add(added: readonly NewPicture[]): void {
    store.set((state) => {
      const known = new Set(state.pictures.map(({ id }) => id));
      const fresh = added.filter(({ id }) => !known.has(id)).map(toPicture);
      return { pictures: [...state.pictures, ...fresh] };
    });
  }

  async function addFile(file: File): Promise<string> {
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

  return { addFile, addStored };
}

function toPicture(picture: NewPicture): Picture {
  return { ...picture, loading: { phase: "waiting" }, history: startHistory(EMPTY_DOCUMENT) };
}
