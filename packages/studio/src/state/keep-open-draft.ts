import { keepDraft } from "./edits.js";
import { openDocument } from "./selectors.js";
import type { StudioStore } from "./studio-store.js";

/** Makes an object of the open image's draft, of the class that new objects get, and selects it. */
export function keepOpenDraft(store: StudioStore): void {
  const { nextClassId } = store.getState();
  const { objectId } = openDocument(store.getState()).draft;
  store.edit("Keep object", (document) => keepDraft(document, nextClassId));
  const last = openDocument(store.getState()).objects.at(-1)?.id;
  store.set(() => ({ selectedIds: [objectId ?? last].filter((id) => id !== undefined) }));
}
