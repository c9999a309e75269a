/** Objects are kept on the server, so that they are there when the image is opened again. */

import { messageOf, StudioError } from "../errors.js";
import type { MaskObject } from "../state/document.js";
import { runModeOf } from "../state/selectors.js";
import type { StudioStore } from "../state/studio-store.js";
import type { Choices, GalleryImage, StudioState } from "../state/types.js";
import { type ConflictQuestions, createConflictQuestions } from "./ask-conflicts.js";
import { joinStored, readMasks, type SaveParts, type ServerMasks, saveMasks } from "./save-masks.js";

/** Changes that follow each other faster are sent together. */
const SEND_AFTER_MS = 600;

/** What is known of an image that the server has. */
type Kept =
  | { readonly state: "reading"; readonly done: Promise<void> }
  /** What lies there is unknown, so nothing may be written over it. */
  | { readonly state: "unreadable" }
  | Known;

interface Known {
  readonly state: "known";
  readonly masks: ServerMasks;
  timer?: ReturnType<typeof setTimeout>;
  isSending: boolean;
  /**
   * What was made here when the user put the decision off: it is not asked for again before the next change.
   */
  undecided?: readonly MaskObject[];
}

/** Sending objects and getting them back. */
export interface MaskKeeper {
  /** Gets the objects of all images that came from the server, whether they were opened or not. */
  readAll(): Promise<void>;
  /** What the user has decided on objects that others have changed, too; null: later. */
  answer(imageId: string, choices: Choices | null): void;
  /** Whether the server lacks anything that was made here. */
  hasUnsent(): boolean;
  /** Sends at once what waits to be sent: the page is being left. */
  flush(): void;
  close(): void;
}

/**
 * Reads an image's objects when it is ready for the first time, joins them with what the user has made by
 * then, and sends them after changes. What others have changed meanwhile is merged, or the user is asked. An
 * image whose objects could not be read is never written. With all in this browser, those that the server has
 * already are kept there as before, and nothing is sent of others.
 *
 * @param isStored whether an image came from the server, so that it is there in any mode
 */
export function watchKeptMasks(
  store: StudioStore,
  api: SaveParts["api"],
  isStored: (imageId: string) => boolean,
): MaskKeeper {
  const questions = createConflictQuestions(store);
  const keeper = new StoredMasks({ store, api, questions }, isStored);
  const unsubscribe = store.subscribe((state, before) => {
    if (state.images === before.images) return;
    keeper.forgetRemoved();
    keeper.update(state);
  });
  return {
    readAll: () => keeper.readAll(),
    answer: questions.answer,
    hasUnsent: () => keeper.hasUnsent(),
    flush: () => keeper.flush(),
    close() {
      unsubscribe();
      keeper.flush();
    },
  };
}

interface MaskKeeperParts extends SaveParts {
  readonly questions: ConflictQuestions;
}

/** What is known of the masks of each image, and the requests that read and save them. */
class StoredMasks {
  readonly #parts: MaskKeeperParts;
  readonly #store: StudioStore;
  readonly #isStored: (imageId: string) => boolean;
  readonly #kept = new Map<string, Kept>();

  constructor(parts: MaskKeeperParts, isStored: (imageId: string) => boolean) {
    this.#parts = parts;
    this.#store = parts.store;
    this.#isStored = isStored;
  }

  /** What was taken out of the gallery is read anew when it comes back. */
  forgetRemoved(): void {
    for (const [id, known] of this.#kept) {
      if (this.#imageOf(id)) continue;
      if (known.state === "known") clearTimeout(known.timer);
      this.#kept.delete(id);
      this.#parts.questions.answer(id, null);
    }
  }

  update(state: StudioState): void {
    const isInPage = runModeOf(state) === "browser";
    for (const image of state.images) {
      if (!this.#kept.has(image.id) && this.#isDue(image, isInPage)) void this.#read(image.id);
      this.#schedule(image);
    }
  }

  async readAll(): Promise<void> {
    for (const { id } of this.#store.getState().images) {
      const known = this.#kept.get(id);
      if (known?.state === "reading") await known.done;
      if (known || !this.#isStored(id)) continue;
      await this.#read(id);
      if (this.#kept.get(id)?.state === "unreadable") return; // the user knows; the others will hardly do better
    }
  }

  flush(): void {
    for (const [id, known] of this.#kept)
      if (known.state === "known" && known.timer) void this.#send(id, known, true);
  }

  hasUnsent(): boolean {
    return this.#store.getState().images.some(({ id, history }) => {
      const known = this.#kept.get(id);
      if (known?.state !== "known") return false;
      return known.isSending || known.masks.objects !== history.present.objects;
    });
  }

  #read(imageId: string): Promise<void> {
    const reading: Kept = {
      state: "reading",
      done: Promise.resolve().then(() => this.#join(imageId, reading)),
    };
    this.#kept.set(imageId, reading);
    return reading.done;
  }

  async #join(imageId: string, reading: Kept): Promise<void> {
    const isWanted = () => this.#kept.get(imageId) === reading; // not taken out of the gallery meanwhile
    try {
      const masks = await readMasks(this.#parts.api, imageId);
      if (!isWanted()) return;
      joinStored(this.#store, imageId, masks);
      this.#kept.set(imageId, { state: "known", masks, isSending: false });
    } catch (error) {
      if (!isWanted()) return;
      this.#kept.set(imageId, { state: "unreadable" });
      this.#store.notify(
        "warning",
        `The image's masks could not be read, so changes are not kept on the server; export them. ${messageOf(error)}`,
      );
    }
    this.update(this.#store.getState());
  }

  #schedule({ id, history }: GalleryImage): void {
    const known = this.#kept.get(id);
    if (known?.state !== "known" || known.isSending) return;
    const { objects } = history.present;
    if (objects === known.masks.objects || objects === known.undecided) return;
    clearTimeout(known.timer);
    known.timer = setTimeout(() => void this.#send(id, known), SEND_AFTER_MS);
  }

  async #send(imageId: string, known: Known, leaving = false): Promise<void> {
    clearTimeout(known.timer);
    delete known.timer;
    if (known.isSending) return;
    known.isSending = true;
    try {
      await saveMasks(imageId, known.masks, this.#parts, { leaving });
      known.isSending = false;
      const image = this.#imageOf(imageId);
      if (image) this.#schedule(image); // what was changed meanwhile
    } catch (error) {
      known.isSending = false; // sent again with the next change
      const { objects } = this.#imageOf(imageId)?.history.present ?? {};
      if (objects && error instanceof StudioError && error.code === "precondition-failed")
        known.undecided = objects;
      this.#store.notify("warning", `The masks are not kept on the server. ${messageOf(error)}`);
    }
  }

  /** Masks may be imported into images that were never opened. */
  #isDue({ id, loading, history }: GalleryImage, isInPage: boolean): boolean {
    const isReady = loading.phase === "ready";
    return this.#isStored(id) ? isReady || history.present.objects.length > 0 : isReady && !isInPage;
  }

  #imageOf(imageId: string): GalleryImage | undefined {
    return this.#store.getState().images.find(({ id }) => id === imageId);
  }
}
