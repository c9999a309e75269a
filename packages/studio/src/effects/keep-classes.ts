/** The list of classes is kept on the server, or without one in this browser, and shared with other pages. */

import type { ApiClient } from "../api/api-client.js";
import { messageOf, StudioError } from "../errors.js";
import { readKeptClasses, writeKeptClasses } from "../formats/kept-classes.js";
import type { ClassList } from "../state/classes.js";
import { areSameClasses, mergeClasses } from "../state/merge-classes.js";
import { classList } from "../state/selectors.js";
import type { StudioStore } from "../state/studio-store.js";
import type { LocalStore } from "../storage/local-store.js";

/** Changes that follow each other faster are sent together. */
const SEND_AFTER_MS = 300;

/** So often others may come before while this page merges; then it waits for the next change. */
const MAX_ROUNDS = 8;

/** What is remembered of what was sent without an answer. */
const MAX_ATTEMPTED = 16;

type ClassPlace = Pick<ApiClient, "classes" | "keepClasses">;

/** Where the list is kept. */
export interface ClassPlaces {
  /** null while there is no server. */
  readonly server: () => ClassPlace | null;
  /** null where this browser keeps nothing. What it has joins the server's list as soon as there is one. */
  readonly browser: (ClassPlace & Pick<LocalStore, "removeClasses">) | null;
}

/** Sending the list and getting it back. */
export interface ClassKeeper {
  /** Gets what others have changed, and what a server has that has just been found. */
  refresh(): void;
  /** Whether anything of the list is kept nowhere. */
  hasUnsent(): boolean;
  /** Sends at once what waits to be sent. @param leaving the page is being left */
  flush(leaving: boolean): void;
  close(): void;
}

/** What a place is known to have. */
interface Known {
  readonly place: ClassPlace;
  readonly version: string | null;
  readonly list: ClassList;
}

/**
 * Reads the list, joins it with what the user has made by then, and sends it after changes. What others have
 * changed meanwhile is merged (`mergeClasses`), into what undo goes back to as well. A list that could not be
 * read is never written over.
 */
export function watchClasses(store: StudioStore, places: ClassPlaces): ClassKeeper {
  const keeper = new KeptClassList(store, places);
  const unsubscribe = store.subscribe(({ classes }, before) => {
    if (classes.present !== before.classes.present) keeper.schedule();
  });
  keeper.refresh();
  return {
    refresh: () => keeper.refresh(),
    hasUnsent: () => keeper.hasUnsent(),
    flush: (leaving) => keeper.flush(leaving),
    close() {
      unsubscribe();
      keeper.flush(true);
    },
  };
}

class KeptClassList {
  readonly #store: StudioStore;
  readonly #places: ClassPlaces;
  #known: Known | null = null;
  /** Sent without an answer: the place may have one of them. */
  #attempted: readonly ClassList[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Reading and sending follow each other. */
  #work: Promise<void> = Promise.resolve();
  #isBrowserRead = false;

  constructor(store: StudioStore, places: ClassPlaces) {
    this.#store = store;
    this.#places = places;
  }

  refresh(): void {
    this.#enqueue(async () => {
      const { server, browser } = this.#places;
      if (browser && !this.#isBrowserRead) await this.#join(browser);
      this.#isBrowserRead = true;
      const place = server() ?? browser;
      if (place) await this.#join(place);
      this.schedule();
    }, "can't be read");
  }

  schedule(): void {
    if (!this.#known || this.#isSent()) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#send(false), SEND_AFTER_MS);
  }

  flush(leaving: boolean): void {
    if (this.#timer !== undefined) this.#send(leaving);
  }

  hasUnsent(): boolean {
    return this.#known ? !this.#isSent() : this.#list().length > 0;
  }

  #send(leaving: boolean): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#enqueue(() => this.#save(leaving), "are not kept");
  }

  async #save(leaving: boolean): Promise<void> {
    for (let round = 0; round < MAX_ROUNDS && this.#known; round++) {
      const list = this.#list();
      const { place, version } = this.#known;
      if (this.#isSent()) return this.#clearBrowser(place);
      this.#attempted = [...this.#attempted, list].slice(-MAX_ATTEMPTED);
      try {
        const next = await place.keepClasses(writeKeptClasses(list), { version, leaving });
        this.#known = { place, version: next, list };
        this.#attempted = [];
      } catch (error) {
        if (!(error instanceof StudioError && error.code === "precondition-failed")) throw error;
        await this.#join(place);
      }
    }
  }

  /** Takes over what a place has. */
  async #join(place: ClassPlace): Promise<void> {
    const found = await place.classes();
    const known = this.#known?.place === place ? this.#known : null;
    if (known && known.version === (found?.version ?? null)) return;
    const theirs = found ? readKeptClasses(found.document) : [];
    // Where the list is gone, nobody has deleted its classes.
    const own = this.#attempted.find((attempted) => areSameClasses(attempted, theirs));
    const base = found ? (own ?? known?.list ?? []) : [];
    this.#store.editEveryClassStep((mine) => {
      const merged = mergeClasses({ base, mine, theirs });
      return areSameClasses(merged, mine) ? mine : merged;
    });
    this.#known = { place, version: found?.version ?? null, list: theirs };
    if (this.#isSent()) await this.#clearBrowser(place);
  }

  /** Once the server has all, the copy in this browser has done its work. */
  async #clearBrowser(place: ClassPlace): Promise<void> {
    if (place !== this.#places.browser) await this.#places.browser?.removeClasses();
  }

  #isSent(): boolean {
    return this.#known !== null && areSameClasses(this.#list(), this.#known.list);
  }

  #list(): ClassList {
    return classList(this.#store.getState());
  }

  #enqueue(work: () => Promise<void>, failure: string): void {
    this.#work = this.#work
      .then(work)
      .catch((error: unknown) =>
        this.#store.notify("warning", `The classes ${failure}. ${messageOf(error)}`),
      );
  }
}
