import { isAbort, messageOf } from "../errors.js";
import type { ImageStore } from "../images/image-store.js";
import type { OpenImage, Segmenter } from "../segmentation/types.js";
import { withoutSpecks } from "../segmentation/without-specks.js";
import type { Loading } from "../state/status.js";
import type { StudioStore } from "../state/studio-store.js";

/** So many images stay open; an embedding takes four megabytes. */
const MAX_OPEN = 8;

/** How a segmenter takes an image in: `open`, or `openAhead`. */
type Open = Segmenter["open"];

/** The images that are open or being opened, up to a number; the one used longest ago is closed first. */
export interface OpenImages {
  /** Opens an image; its `loading` in the state tells how that goes. */
  open(imageId: string, by: Open): Promise<void>;
  has(imageId: string): boolean;
  /** The image, if it is ready to be asked. */
  get(imageId: string): OpenImage | null;
  /** Marks an image as used. */
  touch(imageId: string): void;
  /** Closes an image, or breaks off opening it. */
  forget(imageId: string): void;
  forgetAll(): void;
  /** Forgets an image and shows that it waits to be opened. */
  stop(imageId: string): void;
  stopAll(): void;
  /** Forgets all images but puts this one, opened by another model, in the place of the one before. */
  replaceAll(imageId: string, opened: OpenImage): void;
}

interface Entry {
  readonly controller: AbortController;
  opened: OpenImage | null;
}

export function createOpenImages(store: StudioStore, images: ImageStore): OpenImages {
  const entries = new Map<string, Entry>(); // in the order of use

  function forget(imageId: string): void {
    entries.get(imageId)?.controller.abort();
    entries.delete(imageId);
  }

  async function open(imageId: string, by: Open): Promise<void> {
    for (const id of [...entries.keys()].slice(0, Math.max(0, entries.size - MAX_OPEN + 1))) forget(id);
    const entry: Entry = { controller: new AbortController(), opened: null };
    entries.set(imageId, entry);
    const { signal } = entry.controller;
    const onLoading = (loading: Loading) => {
      if (!signal.aborted) setLoading(store, loading, imageId);
    };
    try {
      entry.opened = withoutSpecks(await by(images.sourceOf(imageId), { signal, onLoading }));
      onLoading({ phase: "ready" });
    } catch (error) {
      if (entries.get(imageId) === entry) entries.delete(imageId);
      if (isAbort(error)) return;
      const isWanted = store.getState().openImageId === imageId;
      onLoading(isWanted ? { phase: "failed", message: messageOf(error) } : WAITING);
    }
  }

  function forgetAll(): void {
    for (const id of [...entries.keys()]) forget(id);
  }

  return {
    open,
    has: (imageId) => entries.has(imageId),
    get: (imageId) => entries.get(imageId)?.opened ?? null,
    touch(imageId) {
      const entry = entries.get(imageId);
      if (!entry) return;
      entries.delete(imageId);
      entries.set(imageId, entry);
    },
    forget,
    forgetAll,
    stop(imageId) {
      forget(imageId);
      setLoading(store, WAITING, imageId);
    },
    stopAll() {
      forgetAll();
      setLoading(store, WAITING);
    },
    replaceAll(imageId, opened) {
      forgetAll();
      entries.set(imageId, { controller: new AbortController(), opened: withoutSpecks(opened) });
      store.set(({ images: all }) => ({
        images: all.map((each) => (each.id === imageId ? each : { ...each, loading: WAITING })),
      }));
    },
  };
}

const WAITING: Loading = { phase: "waiting" };

/** @param imageId left out, it is so of all images */
function setLoading(store: StudioStore, loading: Loading, imageId?: string): void {
  store.set(({ images }) => ({
    images: images.map((each) =>
      imageId === undefined || each.id === imageId ? { ...each, loading } : each,
    ),
  }));
}
