import { createStore } from "zustand/vanilla";
import { createId } from "./create-id.js";
import type { Document } from "./document.js";
import {
  amend,
  begin,
  cancel,
  everyStep,
  finish,
  forgetFuture,
  type History,
  record,
  redo,
  undo,
} from "./history.js";
import { initialState } from "./initial-state.js";
import { nextRedo, nextUndo } from "./selectors.js";
import type { StudioStore } from "./studio-store.js";
import type { Preferences, StudioState } from "./types.js";

type HistoryChange = (history: History<Document>) => History<Document>;

/** The store without the effects behind it. An edit that changes nothing is no step. */
export function createStudioStore(preferences: Preferences): StudioStore {
  const store = createStore<StudioState>(() => initialState(preferences));
  const steps = createStepCounter();
  const onHistory = (imageId: string | null, change: HistoryChange) =>
    store.setState((state) => withHistory(state, imageId, change));
  const openId = () => store.getState().openImageId;
  /** A step of an image, after which what was undone of the classes can't be made again. */
  const onStep = (imageId: string | null, change: HistoryChange) =>
    store.setState((state) => {
      const changed = withHistory(state, imageId, change);
      const isStep = pastOf(changed, imageId) !== pastOf(state, imageId);
      return isStep ? { ...changed, classes: forgetFuture(changed.classes) } : changed;
    });
  return {
    getState: store.getState,
    subscribe: store.subscribe,
    set: (change) => store.setState(change),
    edit: (label, change) => onStep(openId(), edited(label, change, steps.next())),
    amend: (change) => onHistory(openId(), edited(null, change)),
    beginChange: () => onHistory(openId(), begin),
    finishChange: (label) => onStep(openId(), (history) => finish(history, label, steps.next())),
    cancelChange: () => onHistory(openId(), cancel),
    editImage: (imageId, label, change) =>
      label === null
        ? onHistory(imageId, edited(null, change))
        : onStep(imageId, edited(label, change, steps.next())),
    editEveryStep: (imageId, change) => onHistory(imageId, (history) => everyStep(history, change)),
    editClasses: (label, change) =>
      store.setState((state) => {
        const classes = edited(label, change, steps.next())(state.classes);
        if (classes === state.classes) return state;
        return { ...withHistory(state, state.openImageId, forgetFuture), classes };
      }),
    editEveryClassStep: (change) =>
      store.setState(({ classes }) => ({ classes: everyStep(classes, change) })),
    together: steps.together,
    undo: () => store.setState((state) => withSteps(state, nextUndo(state), undo)),
    redo: () => store.setState((state) => withSteps(state, nextRedo(state), redo)),
    notify: (kind, text) =>
      store.setState(({ notices }) => ({ notices: [...notices, { id: createId("notice"), kind, text }] })),
    dismiss: (id) => store.setState(({ notices }) => ({ notices: notices.filter((each) => each.id !== id) })),
  };
}

/** Numbers steps; those that are taken together have one number. */
function createStepCounter() {
  let last = 0;
  let isTogether = false;
  return {
    next: () => (isTogether ? last : ++last),
    together(edit: () => void): void {
      last++;
      isTogether = true;
      try {
        edit();
      } finally {
        isTogether = false;
      }
    },
  };
}

function edited<T>(label: null, change: (value: T) => T): (history: History<T>) => History<T>;
function edited<T>(label: string, change: (value: T) => T, at: number): (history: History<T>) => History<T>;
function edited<T>(label: string | null, change: (value: T) => T, at = 0) {
  return (history: History<T>): History<T> => {
    const value = change(history.present);
    if (value === history.present) return history;
    return label === null ? amend(history, value) : record(history, value, label, at);
  };
}

function pastOf({ images }: StudioState, imageId: string | null): unknown {
  return images.find(({ id }) => id === imageId)?.history.past;
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

/** Goes a step in the histories that a step is of. */
function withSteps(
  state: StudioState,
  step: ReturnType<typeof nextUndo>,
  go: <T>(history: History<T>) => History<T>,
): StudioState {
  if (!step) return state;
  const changed = step.ofImage ? withHistory(state, state.openImageId, go) : state;
  return step.ofClasses ? { ...changed, classes: go(changed.classes) } : changed;
}
