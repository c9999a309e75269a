import { createStore } from "zustand/vanilla";
import type { StudioStore } from "../studio.js";
import { createId } from "./create-id.js";
import type { Document } from "./document.js";
import { amend, type History, record, redo, undo } from "./history.js";
import { initialState } from "./initial-state.js";
import { openPicture } from "./selectors.js";
import type { Notice, Picture, Preferences, StudioState } from "./types.js";

/** The store without the effects behind it. An edit that changes nothing is no step. */
export function createStudioStore(preferences: Preferences): StudioStore {
  const store = createStore<StudioState>(() => initialState(preferences));
  const onHistory = (change: (history: History<Document>) => History<Document>) =>
    store.setState((state) => {
      const picture = openPicture(state);
      return picture ? { pictures: withHistory(state.pictures, picture, change(picture.history)) } : state;
    });
  return {
    getState: store.getState,
    subscribe: store.subscribe,
    set: (change) => store.setState(change),
    edit: (label, change) =>
      onHistory((history) => {
        const value = change(history.present);
        return value === history.present ? history : record(history, value, label);
      }),
    amend: (change) =>
      onHistory((history) => {
        const value = change(history.present);
        return value === history.present ? history : amend(history, value);
      }),
    undo: () => onHistory(undo),
    redo: () => onHistory(redo),
    notify: (kind, text) => store.setState(({ notices }) => ({ notices: [...notices, notice(kind, text)] })),
    dismiss: (id) => store.setState(({ notices }) => ({ notices: notices.filter((each) => each.id !== id) })),
  };
}

function notice(kind: Notice["kind"], text: string): Notice {
  return { id: createId("notice"), kind, text };
}

/** The same list when the history is the same one. */
function withHistory(
  pictures: readonly Picture[],
  picture: Picture,
  history: History<Document>,
): readonly Picture[] {
  if (history === picture.history) return pictures;
  return pictures.map((each) => (each === picture ? { ...picture, history } : each));
}
