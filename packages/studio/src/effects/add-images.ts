import type { ImageInfo } from "@segany/server/contract";
import type { ApiClient } from "../api/api-client.js";
import { messageOf } from "../errors.js";
import { type ImagePlace, type ImageStore, needsServer } from "../images/image-store.js";
import { checkImage, idOfFile, summarise, THUMBNAIL_SIDE } from "../images/read-file.js";
import { EMPTY_DOCUMENT } from "../state/document.js";
import { startHistory } from "../state/history.js";
import type { StudioStore } from "../state/studio-store.js";
import type { GalleryImage } from "../state/types.js";
import type { LocalImage, LocalStore } from "../storage/local-store.js";

/** Takes images into the gallery; one that is there already stays as it is. */
export interface ImageIntake {
  /** @returns the image's id @throws StudioError for a file that can't be opened */
  readonly addFile: (file: File) => Promise<string>;
  /** Shows what the server has. */
  readonly addStored: (images: readonly ImageInfo[]) => void;
  /** Shows what this browser has kept. */
  readonly addLocal: (images: readonly LocalImage[]) => void;
}

export interface ImageIntakeParts {
  readonly store: StudioStore;
  readonly images: ImageStore;
  /** null where no server is, also before one was found. */
  readonly api: () => ApiClient | null;
  /** null where this browser keeps nothing. */
  readonly local: Promise<LocalStore | null>;
  /** Hears of an image of the gallery that the server turns out to have. */
  readonly onSent: (id: string) => void;
  /** Hears of images that the server may get in the background. */
  readonly onSendable: (ids: readonly string[]) => void;
}

/** An image before anybody has worked on it. */
type NewImage = Omit<GalleryImage, "loading" | "history">;

export function createImageIntake(parts: ImageIntakeParts): ImageIntake {
  const { store, images, api } = parts;
  const has = (id: string) => store.getState().images.some((image) => image.id === id);

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
    if (has(id)) return id;
    const { name } = file;
    const maySend = store.getState().preferences.mode !== "browser";
    const image = { id, name, file, ...(await summarise(file, name)), maySend, addedMs: Date.now() };
    // Before the image is shown: what the user sees is kept.
    const place = await keepImage(image, parts);
    if (!has(id)) show([image], place);
    return id;
  }

  function show(added: readonly LocalImage[], place: ImagePlace): void {
    for (const { id, file, name } of added) images.add({ kind: "file", id, file, name }, place);
    add(
      added.map(({ id, name, width, height, orientation = 1, thumbnail }) => {
        return { id, name, width, height, orientation, thumbnailUrl: URL.createObjectURL(thumbnail) };
      }),
    );
    parts.onSendable(added.filter(({ maySend }) => maySend).map(({ id }) => id));
  }

  function addStored(stored: readonly ImageInfo[]): void {
    const server = api();
    if (!server) return;
    for (const { id } of stored) {
      if (!has(id)) images.add({ kind: "stored", id }, "server");
      else if (images.placeOf(id) !== "server") {
        images.setPlace(id, "server");
        parts.onSent(id);
      }
    }
    add(
      stored.map(({ id, name, width, height, orientation }) => ({
        id,
        name,
        width,
        height,
        orientation,
        thumbnailUrl: server.previewUrl(id, THUMBNAIL_SIDE),
      })),
    );
  }

  return {
    addFile,
    addStored,
    addLocal(kept) {
      const missing = kept.filter(({ id }) => !has(id));
      show(missing, "browser");
    },
  };
}

async function keepImage(
  image: LocalImage,
  { local, store }: Pick<ImageIntakeParts, "local" | "store">,
): Promise<ImagePlace> {
  try {
    const keeper = await local;
    await keeper?.addImage(image);
    return keeper ? "browser" : "page";
  } catch (error) {
    store.notify("warning", messageOf(error));
    return "page";
  }
}

function toImage(image: NewImage): GalleryImage {
  return { ...image, loading: { phase: "waiting" }, history: startHistory(EMPTY_DOCUMENT) };
}
