/** Objects are kept on the server, so that they are there when the picture is opened again. */

import { type DatasetRecord, parseSa1b, toSa1b } from "@segany/dataset/formats";
import { type KeptMasks, keptMasksSchema } from "@segany/server/contract";
import type { ApiClient } from "../api/api-client.js";
import { messageOf } from "../errors.js";
import { toObject } from "../formats/from-record.js";
import { toRecord } from "../formats/to-record.js";
import { EMPTY_DOCUMENT, type MaskObject } from "../state/document.js";
import { addObjects } from "../state/edits.js";
import { runModeOf } from "../state/selectors.js";
import type { StudioStore } from "../state/studio-store.js";
import type { Picture, StudioState } from "../state/types.js";

/** Changes that follow each other faster are sent together. */
const SEND_AFTER_MS = 600;

/** What is known of a picture that the server has. */
type Kept =
  | { readonly state: "reading"; readonly done: Promise<void> }
  /** What lies there is unknown, so nothing may be written over it. */
  | { readonly state: "unreadable" }
  | { readonly state: "known"; saved: readonly MaskObject[]; timer?: ReturnType<typeof setTimeout> };

/** Sending objects and getting them back. */
export interface MaskKeeper {
  /** Gets the objects of all pictures that came from the server, whether they were opened or not. */
  readAll(): Promise<void>;
  /** Sends at once what waits to be sent: the page is being left. */
  flush(): void;
  close(): void;
}

/**
 * Reads a picture's objects when it is ready for the first time, joins them with what the user has made by then, and
 * sends them after changes. A picture whose objects could not be read is never written. With all in this browser, those
 * that the server has already are kept there as before, and nothing is sent of others.
 *
 * @param isStored whether a picture came from the server, so that it is there in any mode
 */
export function watchKeptMasks(
  store: StudioStore,
  api: Pick<ApiClient, "masks" | "keepMasks">,
  isStored: (pictureId: string) => boolean,
): MaskKeeper {
  const kept = new Map<string, Kept>();
  const pictureOf = (id: string) => store.getState().pictures.find((picture) => picture.id === id);

  function read(pictureId: string): Promise<void> {
    const done = join(pictureId);
    kept.set(pictureId, { state: "reading", done });
    return done;
  }

  async function join(pictureId: string): Promise<void> {
    try {
      const stored = await readObjects(api, pictureId);
      // Into every step: undo takes back what the user did, not what was there before.
      if (stored.length > 0)
        store.editEveryStep(pictureId, (document) => ({
          ...document,
          objects: [...stored, ...document.objects],
        }));
      const objects = pictureOf(pictureId)?.history.present.objects ?? [];
      kept.set(pictureId, { state: "known", saved: objects.length === stored.length ? objects : stored });
    } catch (error) {
      kept.set(pictureId, { state: "unreadable" });
      store.notify(
        "warning",
        `The picture's masks could not be read, so changes are not kept on the server; export them. ${messageOf(error)}`,
      );
    }
    look(store.getState());
  }

  function schedule({ id, history }: Picture): void {
    const known = kept.get(id);
    if (known?.state !== "known" || known.saved === history.present.objects) return;
    clearTimeout(known.timer);
    known.timer = setTimeout(() => void send(id), SEND_AFTER_MS);
  }

  async function send(pictureId: string, leaving = false): Promise<void> {
    const known = kept.get(pictureId);
    const picture = pictureOf(pictureId);
    if (known?.state !== "known" || !picture) return;
    clearTimeout(known.timer);
    delete known.timer;
    const { saved } = known;
    known.saved = picture.history.present.objects;
    try {
      await api.keepMasks(pictureId, toKept(toRecord(picture, 1)), { leaving });
    } catch (error) {
      known.saved = saved; // sent again with the next change
      store.notify("warning", `The masks are not kept on the server. ${messageOf(error)}`);
    }
  }

  function look(state: StudioState): void {
    const isInPage = runModeOf(state) === "browser";
    for (const picture of state.pictures) {
      if (!kept.has(picture.id) && isDue(picture, isInPage)) void read(picture.id);
      schedule(picture);
    }
  }

  /** Masks may be imported into pictures that were never opened. */
  function isDue({ id, loading, history }: Picture, isInPage: boolean): boolean {
    const isReady = loading.phase === "ready";
    return isStored(id) ? isReady || history.present.objects.length > 0 : isReady && !isInPage;
  }

  async function readAll(): Promise<void> {
    for (const { id } of store.getState().pictures) {
      const known = kept.get(id);
      if (known?.state === "reading") await known.done;
      if (known || !isStored(id)) continue;
      await read(id);
      if (kept.get(id)?.state === "unreadable") return; // the user knows; the others will hardly do better
    }
  }

  const unsubscribe = store.subscribe((state, before) => {
    if (state.pictures !== before.pictures) look(state);
  });
  const flush = () => {
    for (const [id, known] of kept) if (known.state === "known" && known.timer) void send(id, true);
  };
  return {
    readAll,
    flush,
    close() {
      unsubscribe();
      flush();
    },
  };
}

/** None where nothing was kept yet. */
async function readObjects(api: Pick<ApiClient, "masks">, pictureId: string): Promise<readonly MaskObject[]> {
  const kept = await api.masks(pictureId);
  if (!kept) return [];
  const { annotations } = parseSa1b(kept, "the server's masks");
  const found = annotations.map((annotation) => toObject(annotation));
  return addObjects(EMPTY_DOCUMENT, found).objects;
}

function toKept(record: DatasetRecord): KeptMasks {
  return keptMasksSchema.parse(JSON.parse(JSON.stringify(toSa1b(record))));
}
