/** The mask being made and the cut-outs survive a reload. */

import { messageOf } from "../errors.js";
import { type Document, EMPTY_DRAFT } from "../state/document.js";
import { isEmptyDraft } from "../state/draft-queries.js";
import type { StudioStore } from "../state/studio-store.js";
import type { GalleryImage } from "../state/types.js";
import type { LocalStore, Unfinished } from "../storage/local-store.js";

/** Changes that follow each other faster are written together. */
const WRITE_AFTER_MS = 200;

/** Writing what is unfinished. */
export interface UnfinishedKeeper {
  /** Writes at once what waits to be written. */
  flush(): void;
  close(): void;
}

export interface UnfinishedOptions {
  /**
   * Whether objects are handed on at once, as those of a job. Then what has ended is forgotten at once, too:
   * after a reload it would come back beside the object that it has become.
   */
  readonly isJob?: boolean;
}

/**
 * Writes what is unfinished of each image after changes, and puts it back when the image comes into the
 * gallery again, unless the user has begun something else by then.
 */
export async function watchUnfinished(
  store: StudioStore,
  local: Pick<LocalStore, "unfinished" | "keepUnfinished">,
  { isJob = false }: UnfinishedOptions = {},
): Promise<UnfinishedKeeper> {
  const left = new Map(await local.unfinished());
  const written = new Map<string, Unfinished>();
  const changed = new Set<string>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let hasFailed = false;

  function restore({ id, history: { present } }: GalleryImage): void {
    const work = left.get(id);
    left.delete(id);
    written.set(id, work ?? NOTHING);
    if (!work || !isNothing(present)) return;
    const { draft, cutOuts } = work;
    store.editEveryStep(id, (document) => ({ ...document, draft, cutOuts }));
  }

  function look(): void {
    const { images } = store.getState();
    for (const image of images) if (!written.has(image.id)) restore(image);
    let hasEnded = false;
    for (const { id, history } of store.getState().images) {
      if (isSame(written.get(id) ?? NOTHING, history.present)) continue;
      changed.add(id);
      hasEnded ||= isNothing(history.present);
    }
    const isGone = new Set(written.keys());
    for (const { id } of images) isGone.delete(id);
    for (const id of isGone) changed.add(id);
    if (isJob && hasEnded) clearTimeout(timer);
    else if (timer !== undefined || changed.size === 0) return;
    timer = setTimeout(flush, isJob && hasEnded ? 0 : WRITE_AFTER_MS);
  }

  function flush(): void {
    clearTimeout(timer);
    timer = undefined;
    const { images } = store.getState();
    for (const id of changed) void write(id, images.find((image) => image.id === id)?.history.present);
    changed.clear();
  }

  async function write(id: string, present: Document | undefined): Promise<void> {
    const work = present ? { draft: present.draft, cutOuts: present.cutOuts } : NOTHING;
    if (present) written.set(id, work);
    else written.delete(id);
    try {
      await local.keepUnfinished(id, isNothing(work) ? null : work);
    } catch (error) {
      if (hasFailed) return;
      hasFailed = true;
      store.notify("warning", `What is unfinished is not kept in this browser. ${messageOf(error)}`);
    }
  }

  look();
  const unsubscribe = store.subscribe((state, before) => {
    if (state.images !== before.images) look();
  });
  return {
    flush,
    close() {
      unsubscribe();
      flush();
    },
  };
}

const NOTHING: Unfinished = { draft: EMPTY_DRAFT, cutOuts: [] };

function isNothing({ draft, cutOuts }: Unfinished): boolean {
  return cutOuts.length === 0 && isEmptyDraft(draft);
}

function isSame(one: Unfinished, other: Unfinished): boolean {
  return (one.draft === other.draft && one.cutOuts === other.cutOuts) || (isNothing(one) && isNothing(other));
}
