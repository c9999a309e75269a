/** Objects are kept on the server, so that they are there when the picture is opened again. */

import { type DatasetRecord, parseSa1b, toSa1b } from "@segany/dataset/formats";
import { type KeptMasks, keptMasksSchema } from "@segany/server/contract";
import type { ApiClient } from "../api/api-client.js";
import { messageOf, StudioError } from "../errors.js";
import { toObject } from "../formats/from-record.js";
import { toRecord } from "../formats/to-record.js";
import type { MaskObject } from "../state/document.js";
import { addObjects } from "../state/edits.js";
import type { Picture } from "../state/types.js";
import type { StudioStore } from "../studio.js";

/** Changes that follow each other faster are sent together. */
const SEND_AFTER_MS = 600;

interface Kept {
  /** As the server has them. */
  saved: readonly MaskObject[];
  timer: ReturnType<typeof setTimeout> | undefined;
}

/** Reads a picture's objects when it is ready for the first time, and sends them after changes. @returns ends it */
export function watchKeptMasks(store: StudioStore, api: ApiClient): () => void {
  const kept = new Map<string, Kept>();

  async function read(pictureId: string): Promise<void> {
    try {
      const { annotations } = parseSa1b(await api.masks(pictureId), "the server's masks");
      const objects = annotations.map((annotation) => toObject(annotation));
      store.editPicture(pictureId, null, (document) =>
        document.objects.length === 0 ? addObjects(document, objects) : document,
      );
    } catch (error) {
      if (!(error instanceof StudioError && error.code === "not-found"))
        store.notify("warning", `The picture's masks could not be read. ${messageOf(error)}`);
    }
    kept.set(pictureId, { saved: objectsOf(pictureId), timer: undefined });
  }

  function objectsOf(pictureId: string): readonly MaskObject[] {
    return store.getState().pictures.find(({ id }) => id === pictureId)?.history.present.objects ?? [];
  }

  function schedule({ id, history }: Picture): void {
    const known = kept.get(id);
    if (!known || known.saved === history.present.objects) return;
    clearTimeout(known.timer);
    known.timer = setTimeout(() => void send(id, known), SEND_AFTER_MS);
  }

  async function send(pictureId: string, known: Kept): Promise<void> {
    const picture = store.getState().pictures.find(({ id }) => id === pictureId);
    if (!picture) return;
    known.saved = picture.history.present.objects;
    try {
      await api.keepMasks(pictureId, toKept(toRecord(picture, 1)));
    } catch (error) {
      store.notify("warning", `The masks are not kept on the server. ${messageOf(error)}`);
    }
  }

  const reading = new Set<string>();
  const unsubscribe = store.subscribe(({ pictures }, before) => {
    if (pictures === before.pictures) return;
    for (const picture of pictures) {
      if (picture.loading.phase === "ready" && !reading.has(picture.id)) {
        reading.add(picture.id);
        void read(picture.id);
      }
      schedule(picture);
    }
  });
  return () => {
    unsubscribe();
    for (const { timer } of kept.values()) clearTimeout(timer);
  };
}

function toKept(record: DatasetRecord): KeptMasks {
  return keptMasksSchema.parse(JSON.parse(JSON.stringify(toSa1b(record))));
}
