/** The images behind the gallery: their bytes, and their pixels while they are needed. */

import type { RgbaImage } from "@segany/masks";
import { readImage } from "@segany/sam/browser";
import type { ApiClient } from "../api/api-client.js";
import { StudioError } from "../errors.js";
import type { ImageSource } from "../segmentation/types.js";

/** So many decoded images are kept; each takes four bytes a pixel. */
const MAX_BITMAPS = 6;

/**
 * Where an image lies beyond this page: on the server, in this browser's own store, or nowhere, so that it is
 * gone when the page is left.
 */
export type ImagePlace = "server" | "browser" | "page";

/** Where images come from, by the id they have in the gallery. */
export interface ImageStore {
  add(source: ImageSource, place: ImagePlace): void;
  /** "page" for what is not here. */
  placeOf(id: string): ImagePlace;
  setPlace(id: string, place: ImagePlace): void;
  remove(id: string): void;
  /** @throws StudioError `not-found` */
  sourceOf(id: string): ImageSource;
  /** The encoded file, in a form that browsers read. */
  blobOf(id: string, signal?: AbortSignal): Promise<Blob>;
  /** Upright and decoded for drawing; the same for as long as it is among the few last asked for. */
  bitmapOf(id: string): Promise<ImageBitmap>;
  /** Upright, as the model sees it: colour profiles are left aside. */
  pixelsOf(id: string, signal?: AbortSignal): Promise<RgbaImage>;
}

/**
 * @param api where the server's images are asked for, and files that this browser can't read; null without
 * one
 */
export function createImageStore(api: () => ApiClient | null): ImageStore {
  const sources = new Map<string, ImageSource>();
  const places = new Map<string, ImagePlace>();
  const bitmaps = new Map<string, Promise<ImageBitmap>>();

  function sourceOf(id: string): ImageSource {
    const source = sources.get(id);
    if (source) return source;
    throw new StudioError("not-found", "The image is not in the gallery any more. Add it again.");
  }

  async function blobOf(id: string, signal?: AbortSignal): Promise<Blob> {
    const source = sourceOf(id);
    if (source.kind === "file" && !needsServer(source.file)) return source.file;
    const server = api();
    if (server) return server.preview(id, { signal });
    throw new StudioError(
      "image-unreadable",
      `"${source.kind === "file" ? source.name : id}" can only be read with a server. Save it as JPEG, PNG or WebP.`,
    );
  }

  function bitmapOf(id: string): Promise<ImageBitmap> {
    const bitmap = bitmaps.get(id) ?? blobOf(id).then((blob) => createImageBitmap(blob));
    bitmaps.delete(id);
    bitmaps.set(id, bitmap);
    // What failed may be asked for again.
    bitmap.catch(() => bitmaps.delete(id));
    // Not closed: somebody may still be drawing it.
    for (const old of [...bitmaps.keys()].slice(0, -MAX_BITMAPS)) bitmaps.delete(old);
    return bitmap;
  }

  return {
    add(source, place) {
      sources.set(source.id, source);
      places.set(source.id, place);
    },
    placeOf: (id) => places.get(id) ?? "page",
    setPlace: (id, place) => void places.set(id, place),
    remove(id) {
      sources.delete(id);
      places.delete(id);
      bitmaps.delete(id);
    },
    sourceOf,
    blobOf,
    bitmapOf,
    pixelsOf: async (id, signal) => readImage(await blobOf(id, signal), { signal }),
  };
}

/** Whether the browser can't read a file, but the server makes a PNG of it. */
export function needsServer({ type }: Blob): boolean {
  return type === "image/tiff";
}
