import { createStore } from "zustand/vanilla";
import { createId } from "./create-id.js";
import type { Document } from "./document.js";
import { amend, begin, cancel, everyStep, finish, type History, record, redo, undo } from "./history.js";
import { initialState } from "./initial-state.js";
import type { StudioStore } from "./studio-store.js";
import type { Preferences, StudioState } from "./types.js";

type HistoryChange = (history: History<Document>) => History<Document>;

/** The store without the effects behind it. An edit that changes nothing is no step. */
export function createStudioStore(preferences: Preferences): StudioStore {
  const store = createStore<StudioState>(() => initialState(preferences));
  const onHistory = (imageId: string | null, change: HistoryChange) =>
    store.setState((state) => withHistory(state, imageId, change));
  const onOpen = (change: HistoryChange) => onHistory(store.getState().openImageId, change);
  return {
    getState: store.getState,
    subscribe: store.subscribe,
    set: (change) => store.setState(change),
    edit: (label, change) => onOpen(edited(label, change)),
    amend: (change) => onOpen(edited(null, change)),
    beginChange: () => onOpen(begin),
    finishChange: (label) => onOpen((history) => finish(history, label)),
    cancelChange: () => onOpen(cancel),
    editImage: (imageId, label, change) => onHistory(imageId, edited(label, change)),
    editEveryStep: (imageId, change) => onHistory(imageId, (history) => everyStep(history, change)),
    undo: () => onOpen(undo),
    redo: () => onOpen(redo),
    notify: (kind, text) =>
      store.setState(({ notices }) => ({ notices: [...notices, { id: createId("notice"), kind, text }] })),
    dismiss: (id) => store.setState(({ notices }) => ({ notices: notices.filter((each) => each.id !== id) })),
  };
}

function edited(label: string | null, change: (document: Document) => Document): HistoryChange {
  return (history) => {
    const value = change(history.present);
    if (value === history.present) return history;
    return label === null ? amend(history, value) : record(history, value, label);
  };
}

/** The same state when nothing changes, so that nobody hears of it. */
function withHistory(state: StudioState, imageId: string | null, change: HistoryChange): StudioState {
  const image = state.images.find(({ id }) => id === imageId);
  if (!image) return state;
  const history = change(image.history);
  if (history === image.history) return state;
  const images = state.images.map((each) => (each === image ? { ...image, history } : each));
  return { ...state, images };
}
