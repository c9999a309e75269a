import type { ImageInfo } from "@segany/server/contract";
import type { ApiClient } from "../api/api-client.js";
import type { ImageStore } from "../images/image-store.js";
import { needsServer } from "../images/image-store.js";
import { checkImage, idOfFile, summarise, THUMBNAIL_SIDE } from "../images/read-file.js";
import { EMPTY_DOCUMENT } from "../state/document.js";
import { startHistory } from "../state/history.js";
import type { StudioStore } from "../state/studio-store.js";
import type { GalleryImage } from "../state/types.js";

/** Takes images into the gallery; one that is there already stays as it is. */
export interface ImageIntake {
  /** @returns the image's id @throws StudioError for a file that can't be opened */
  readonly addFile: (file: File) => Promise<string>;
  /** Shows what the server has. */
  readonly addStored: (images: readonly ImageInfo[]) => void;
}

export interface ImageIntakeParts {
  readonly store: StudioStore;
  readonly images: ImageStore;
  /** null where no server is, also before one was found. */
  readonly api: () => ApiClient | null;
}

/** An image before anybody has worked on it. */
type NewImage = Omit<GalleryImage, "loading" | "history">;

export function createImageIntake({ store, images, api }: ImageIntakeParts): ImageIntake {
  function add(added: readonly NewImage[]): void {
    store.set((state) => {
      const known = new Set(state.images.map(({ id }) => id));
      const fresh = added.filter(({ id }) => !known.has(id)).map(toImage);
      return { images: [...state.images, ...fresh] };
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
    await checkImage(file, file.name);
    const id = await idOfFile(file);
    if (!store.getState().images.some((image) => image.id === id)) {
      const summary = await summarise(file, file.name);
      images.add({ kind: "file", id, file, name: file.name });
      add([{ id, name: file.name, ...summary }]);
    }
    return id;
  }

  function addStored(stored: readonly ImageInfo[]): void {
    const server = api();
    if (!server) return;
    for (const { id } of stored) images.add({ kind: "stored", id });
    add(
      stored.map(({ id, name, width, height }) => ({
        id,
        name,
        width,
        height,
        thumbnailUrl: server.previewUrl(id, THUMBNAIL_SIDE),
      })),
    );
  }

  return { addFile, addStored };
}

function toImage(image: NewImage): GalleryImage {
  return { ...image, loading: { phase: "waiting" }, history: startHistory(EMPTY_DOCUMENT) };
}
