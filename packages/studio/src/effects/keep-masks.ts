/**
 * Objects are kept where their image lies, on the server or in this browser, so that they are there when the
 * image is opened again.
 */

import { messageOf, StudioError } from "../errors.js";
import type { ImagePlace } from "../images/image-store.js";
import type { MaskObject } from "../state/document.js";
import type { StudioStore } from "../state/studio-store.js";
import type { Choices, GalleryImage } from "../state/types.js";
import type { LocalStore } from "../storage/local-store.js";
import { type ConflictQuestions, createConflictQuestions } from "./ask-conflicts.js";
import { joinStored, readMasks, type SaveParts, type ServerMasks, saveMasks } from "./save-masks.js";

/** Changes that follow each other faster are sent together. */
const SEND_AFTER_MS: Readonly<Record<Place, number>> = { server: 600, browser: 100 };

/** Where masks are kept. */
type Place = Exclude<ImagePlace, "page">;

/** The places, and which one is an image's. */
export interface MaskPlaces {
  /** null while there is no server. */
  readonly server: () => SaveParts["api"] | null;
  /** null where this browser keeps nothing. */
  readonly browser: (SaveParts["api"] & Pick<LocalStore, "removeMasks">) | null;
  readonly placeOf: (imageId: string) => ImagePlace;
  /**
   * Images with masks in this browser. Where the server has the image by now, they join those of the server.
   */
  readonly inBrowser: readonly string[];
  /**
   * Whether they are the masks of a job. These are read before the model is ready for their image, and handed
   * on at once: they wait for the server in this browser.
   */
  readonly isJob?: boolean;
}

/** What is known of an image whose masks are kept. */
type Kept =
  | { readonly state: "reading"; readonly done: Promise<void> }
  /** What lies there is unknown, so nothing may be written over it. */
  | { readonly state: "unreadable" }
  | Known;

interface Known {
  readonly state: "known";
  readonly place: Place;
  readonly masks: ServerMasks;
  timer?: ReturnType<typeof setTimeout>;
  /** The request that is under way; null for none. */
  sending: Promise<void> | null;
  /**
   * What was made here when the user put the decision off: it is not asked for again before the next change.
   */
  undecided?: readonly MaskObject[];
}

/** Sending objects and getting them back. */
export interface MaskKeeper {
  /** Gets the objects of all images that lie somewhere, whether they were opened or not. */
  readAll(): Promise<void>;
  /** What the user has decided on objects that others have changed, too; null: later. */
  answer(imageId: string, choices: Choices | null): void;
  /** An image lies elsewhere now, and its objects follow it. */
  moved(imageId: string): void;
  /** Sends at once what waits of an image. @returns whether all of it is kept then */
  kept(imageId: string): Promise<boolean>;
  /** Whether anything that was made here is kept nowhere. */
  hasUnsent(): boolean;
  /** Sends at once what waits to be sent. @param leaving the page is being left */
  flush(leaving: boolean): void;
  close(): void;
}

/**
 * Reads an image's objects (those on the server when it is ready for the first time), joins them with what
 * the user has made by then, and sends them after changes. What others have changed meanwhile is merged, or
 * the user is asked. An image whose objects could not be read is never written. Nothing is kept of an image
 * that lies nowhere.
 */
export function watchKeptMasks(store: StudioStore, places: MaskPlaces): MaskKeeper {
  const questions = createConflictQuestions(store);
  const keeper = new StoredMasks({ store, questions }, places);
  const unsubscribe = store.subscribe((state, before) => {
    if (state.images === before.images) return;
    keeper.forgetRemoved();
    keeper.update();
  });
  keeper.update();
  return {
    readAll: () => keeper.readAll(),
    answer: questions.answer,
    moved: (imageId) => keeper.moved(imageId),
    kept: (imageId) => keeper.kept(imageId),
    hasUnsent: () => keeper.hasUnsent(),
    flush: (leaving) => keeper.flush(leaving),
    close() {
      unsubscribe();
      keeper.flush(true);
    },
  };
}

interface MaskKeeperParts extends Omit<SaveParts, "api"> {
  readonly questions: ConflictQuestions;
}

/** What is known of the masks of each image, and the requests that read and save them. */
class StoredMasks {
  readonly #parts: MaskKeeperParts;
  readonly #store: StudioStore;
  readonly #places: MaskPlaces;
  readonly #kept = new Map<string, Kept>();
  /** Images with masks in this browser: true where they are among the image's objects. */
  readonly #inBrowser: Map<string, boolean>;

  constructor(parts: MaskKeeperParts, places: MaskPlaces) {
    this.#parts = parts;
    this.#store = parts.store;
    this.#places = places;
    this.#inBrowser = new Map(places.inBrowser.map((id) => [id, false]));
  }

  /** What was taken out of the gallery is read anew when it comes back. */
  forgetRemoved(): void {
    for (const id of [...this.#kept.keys()]) {
      if (this.#imageOf(id)) continue;
      this.#forget(id);
      this.#parts.questions.answer(id, null);
    }
  }

  moved(imageId: string): void {
    this.#forget(imageId);
    this.update();
  }

  update(): void {
    for (const image of this.#store.getState().images) {
      const place = this.#places.placeOf(image.id);
      if (place !== "page" && !this.#kept.has(image.id) && this.#isDue(image, place))
        void this.#read(image.id, place);
      this.#schedule(image);
    }
  }

  async readAll(): Promise<void> {
    for (const { id } of this.#store.getState().images) {
      const known = this.#kept.get(id);
      if (known?.state === "reading") await known.done;
      const place = this.#places.placeOf(id);
      if (known || place === "page" || !this.#apiOf(place)) continue;
      await this.#read(id, place);
      if (this.#kept.get(id)?.state === "unreadable") return; // the user knows; the others will hardly do better
    }
  }

  flush(leaving: boolean): void {
    for (const [id, known] of this.#kept)
      if (known.state === "known" && known.timer) void this.#send(id, known, leaving);
  }

  async kept(imageId: string): Promise<boolean> {
    const reading = this.#kept.get(imageId);
    if (reading?.state === "reading") await reading.done;
    const known = this.#kept.get(imageId);
    if (known?.state !== "known") return false;
    await known.sending;
    await this.#send(imageId, known);
    return this.#imageOf(imageId)?.history.present.objects === known.masks.objects;
  }

  hasUnsent(): boolean {
    return this.#store.getState().images.some(({ id, history }) => {
      const { objects } = history.present;
      const known = this.#kept.get(id);
      if (known?.state !== "known") return objects.length > 0;
      return known.sending !== null || known.masks.objects !== objects;
    });
  }

  #read(imageId: string, place: Place): Promise<void> {
    const reading: Kept = {
      state: "reading",
      done: Promise.resolve().then(() => this.#join(imageId, place, reading)),
    };
    this.#kept.set(imageId, reading);
    return reading.done;
  }

  async #join(imageId: string, place: Place, reading: Kept): Promise<void> {
    const isWanted = () => this.#kept.get(imageId) === reading; // neither taken out of the gallery nor moved
    try {
      const masks = await readMasks(this.#apiOf(place)!, imageId);
      const left = place === "server" ? await this.#leftInBrowser(imageId) : null;
      if (!isWanted()) return;
      if (left) joinStored(this.#store, imageId, left);
      joinStored(this.#store, imageId, masks);
      if (left || (place === "browser" && masks.version !== null)) this.#inBrowser.set(imageId, true);
      const known: Known = { state: "known", place, masks, sending: null };
      this.#kept.set(imageId, known);
      this.#clearBrowser(imageId, known);
    } catch (error) {
      if (!isWanted()) return;
      this.#kept.set(imageId, { state: "unreadable" });
      this.#store.notify(
        "warning",
        `The image's masks could not be read, so changes are not kept ${WHERE[place]}; export them. ${messageOf(error)}`,
      );
    }
    this.update();
  }

  /** Masks that were made before the server had the image, and have not come here yet. */
  async #leftInBrowser(imageId: string): Promise<ServerMasks | null> {
    const { browser } = this.#places;
    return browser && this.#inBrowser.get(imageId) === false ? readMasks(browser, imageId) : null;
  }

  /** Once the server has all, the copy in this browser has done its work. */
  #clearBrowser(imageId: string, { place, masks }: Known): void {
    const isAll = this.#imageOf(imageId)?.history.present.objects === masks.objects;
    if (place !== "server" || !isAll || !this.#inBrowser.delete(imageId)) return;
    void this.#places.browser?.removeMasks(imageId);
  }

  #schedule({ id, history }: GalleryImage): void {
    const known = this.#kept.get(id);
    if (known?.state !== "known" || known.sending) return;
    const { objects } = history.present;
    if (objects === known.masks.objects || objects === known.undecided) return;
    clearTimeout(known.timer);
    const afterMs = this.#places.isJob ? 0 : SEND_AFTER_MS[known.place];
    known.timer = setTimeout(() => void this.#send(id, known), afterMs);
  }

  #send(imageId: string, known: Known, leaving = false): Promise<void> {
    clearTimeout(known.timer);
    delete known.timer;
    known.sending ??= this.#save(imageId, known, leaving);
    return known.sending;
  }

  async #save(imageId: string, known: Known, leaving: boolean): Promise<void> {
    const { place } = known;
    try {
      await saveMasks(imageId, known.masks, { ...this.#parts, api: this.#apiOf(place)! }, { leaving });
      known.sending = null;
      if (place === "browser") this.#inBrowser.set(imageId, true);
      this.#clearBrowser(imageId, known);
      const image = this.#imageOf(imageId);
      if (image) this.#schedule(image); // what was changed meanwhile
    } catch (error) {
      known.sending = null; // sent again with the next change
      const { objects } = this.#imageOf(imageId)?.history.present ?? {};
      if (objects && error instanceof StudioError && error.code === "precondition-failed")
        known.undecided = objects;
      this.#store.notify("warning", `The masks are not kept ${WHERE[place]}. ${messageOf(error)}`);
    }
  }

  /** Masks may be imported into images that were never opened. Reading from this browser costs little. */
  #isDue({ id, loading, history }: GalleryImage, place: Place): boolean {
    if (!this.#apiOf(place)) return false;
    if (place === "browser" || this.#places.isJob || this.#inBrowser.get(id) === false) return true;
    return loading.phase === "ready" || history.present.objects.length > 0;
  }

  #apiOf(place: Place): SaveParts["api"] | null {
    return place === "server" ? this.#places.server() : this.#places.browser;
  }

  #forget(imageId: string): void {
    const known = this.#kept.get(imageId);
    if (known?.state === "known") clearTimeout(known.timer);
    this.#kept.delete(imageId);
  }

  #imageOf(imageId: string): GalleryImage | undefined {
    return this.#store.getState().images.find(({ id }) => id === imageId);
  }
}

const WHERE: Readonly<Record<Place, string>> = { server: "on the server", browser: "in this browser" };
