import type { ImageInfo } from "@segany/server/contract";
import type { ApiClient } from "../api/api-client.js";
import type { Gallery } from "../effects/gallery.js";
import type { StudioStore } from "../state/studio-store.js";

/** So many images before and after the open one are in the gallery. */
const IMAGES_AROUND = 20;

/**
 * Adds the images of the open job around one to the gallery, which prefetches the next.
 *
 * @param isOpen whether the job is still open
 */
export async function addNeighbours(
  {
    client,
    gallery,
    store,
  }: {
    readonly client: Pick<ApiClient, "image">;
    readonly gallery: Pick<Gallery, "addStored">;
    readonly store: StudioStore;
  },
  imageId: string,
  isOpen: () => boolean,
): Promise<void> {
  const { images } = store.getState().work!;
  const place = images.findIndex(({ id }) => id === imageId);
  const around = images.slice(Math.max(0, place - IMAGES_AROUND), place + IMAGES_AROUND);
  const known = new Set(store.getState().images.map(({ id }) => id));
  const missing = around.filter(({ id }) => !known.has(id));
  const found: ImageInfo[] = [];
  for (const { id } of missing) {
    const info = await client.image(id).catch(() => null);
    if (info) found.push(info);
  }
  if (!isOpen()) return;
  gallery.addStored(found);
  const order = new Map(images.map(({ id }, index) => [id, index]));
  store.set((state) => ({
    images: state.images.toSorted((a, b) => order.get(a.id)! - order.get(b.id)!),
  }));
}
