/** Images are sent to the server in the background, so that they are there before they are opened. */

import type { ApiClient } from "../api/api-client.js";
import { isAbort, messageOf, StudioError } from "../errors.js";
import type { ImageStore } from "../images/image-store.js";
import { bringToServer } from "../segmentation/server-images.js";
import { runModeOf } from "../state/selectors.js";
import type { StudioStore } from "../state/studio-store.js";
import type { GalleryImage } from "../state/types.js";
import { passingReason } from "./retry-delay.js";

/** So many at a time: more would hold up the image that the user opens. */
const MAX_AT_ONCE = 2;

/** After a failure that will pass; twice as long after each further one. */
const FIRST_PAUSE_MS = 2_000;
const LONGEST_PAUSE_MS = 60_000;

export interface SenderParts {
  readonly store: StudioStore;
  readonly images: ImageStore;
  /** null while there is no server. */
  readonly api: () => Pick<ApiClient, "findImage" | "image" | "upload"> | null;
  /** The server has the image now, whoever sent it. */
  readonly onSent: (imageId: string) => void;
}

export interface ImageSender {
  /** Images to be sent; the state's `sending` tells how far that is. */
  offer(ids: readonly string[]): void;
  /** Looks again for what can be sent: a server was found. */
  resume(): void;
  close(): void;
}

/**
 * Sends what was offered, while the model runs on the server. An image that the user opens is sent by whoever
 * opens it. What the server refuses is told, and left in the page; what fails for now is sent again later.
 */
export function createImageSender(parts: SenderParts): ImageSender {
  const { store } = parts;
  const queue = new SendQueue(parts);
  const unsubscribe = store.subscribe((state, before) => {
    const isOtherMode = runModeOf(state) !== runModeOf(before);
    if (state.images !== before.images) for (const image of state.images) queue.follow(image);
    if (state.images !== before.images || isOtherMode) queue.fill();
  });
  return {
    offer: (ids) => queue.offer(ids),
    resume: () => queue.fill(),
    close() {
      unsubscribe();
      queue.close();
    },
  };
}

class SendQueue {
  readonly #parts: SenderParts;
  readonly #waiting = new Set<string>();
  readonly #running = new Map<string, AbortController>();
  #sent = 0;
  #failures = 0;
  #pause: ReturnType<typeof setTimeout> | undefined;

  constructor(parts: SenderParts) {
    this.#parts = parts;
  }

  offer(ids: readonly string[]): void {
    for (const id of ids) this.#waiting.add(id);
    this.fill();
  }

  fill(): void {
    const { placeOf } = this.#parts.images;
    for (const id of [...this.#waiting])
      if (!this.#imageOf(id) || placeOf(id) === "server") this.#waiting.delete(id);
    if (this.#isOn() && this.#pause === undefined)
      for (const id of this.#waiting) {
        if (this.#running.size >= MAX_AT_ONCE) break;
        if (!this.#running.has(id) && !isOpening(this.#imageOf(id))) void this.#send(id);
      }
    this.#tell();
  }

  /** What becomes of an image where it is opened. */
  follow(image: GalleryImage): void {
    if (isOpening(image)) this.#running.get(image.id)?.abort();
    if (isTaken(image) && this.#isOn()) this.#finish(image.id);
  }

  close(): void {
    clearTimeout(this.#pause);
    this.#waiting.clear();
    for (const controller of this.#running.values()) controller.abort();
  }

  async #send(id: string): Promise<void> {
    const server = this.#parts.api();
    if (!server) return;
    const controller = new AbortController();
    this.#running.set(id, controller);
    try {
      const options = { signal: controller.signal, onLoading: () => undefined };
      await bringToServer(server, this.#parts.images.sourceOf(id), options);
      this.#failures = 0;
      this.#finish(id);
    } catch (error) {
      const image = this.#imageOf(id);
      if (image && !isAbort(error)) this.#fail(image, error);
    } finally {
      this.#running.delete(id);
      this.fill();
    }
  }

  #finish(id: string): void {
    const { images, onSent } = this.#parts;
    if (!this.#imageOf(id) || images.placeOf(id) === "server") return;
    if (this.#waiting.delete(id)) this.#sent++;
    images.setPlace(id, "server");
    onSent(id);
  }

  #fail({ id, name }: GalleryImage, error: unknown): void {
    if (!passingReason(error)) {
      this.#waiting.delete(id);
      this.#parts.store.notify("warning", `"${name}" is not on the server. ${messageOf(error)}`);
      return;
    }
    const wanted = error instanceof StudioError ? (error.retryAfterMs ?? 0) : 0;
    const own = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** this.#failures++);
    clearTimeout(this.#pause);
    this.#pause = setTimeout(
      () => {
        this.#pause = undefined;
        this.fill();
      },
      Math.max(wanted, own),
    );
  }

  #tell(): void {
    const { store } = this.#parts;
    const { size } = this.#waiting;
    const sending = this.#isOn() && size > 0 ? { done: this.#sent, total: this.#sent + size } : null;
    if (size === 0) this.#sent = 0;
    const before = store.getState().sending;
    if (sending?.done !== before?.done || sending?.total !== before?.total) store.set(() => ({ sending }));
  }

  #isOn(): boolean {
    const mode = runModeOf(this.#parts.store.getState());
    return this.#parts.api() !== null && mode !== null && mode !== "browser";
  }

  #imageOf(id: string): GalleryImage | undefined {
    return this.#parts.store.getState().images.find((image) => image.id === id);
  }
}

function isOpening(image: GalleryImage | undefined): boolean {
  return image?.loading.phase === "uploading";
}

/** Whether the server must have it: it is working on it, or has. */
function isTaken({ loading: { phase } }: GalleryImage): boolean {
  return phase === "queued" || phase === "encoding" || phase === "ready";
}
