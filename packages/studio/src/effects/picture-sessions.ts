/** The model of the mode in use, and the pictures that were opened with it. */

import { isAbort, messageOf } from "../errors.js";
import type { PictureStore } from "../pictures/picture-store.js";
import type { OpenPicture, Segmenter } from "../segmentation/types.js";
import { withoutSpecks } from "../segmentation/without-specks.js";
import { runModeOf } from "../state/selectors.js";
import type { Loading, ModelStatus, RunMode } from "../state/status.js";
import type { StudioStore } from "../state/studio-store.js";
import { watchAhead } from "./open-ahead.js";

/** So many pictures stay open; an embedding takes four megabytes. */
const MAX_OPEN = 8;

/** Makes the segmenter of a mode, which tells of its model. */
export type CreateSegmenter = (mode: RunMode, onModel: (status: ModelStatus) => void) => Segmenter;

/** What other effects ask. */
export interface PictureSessions {
  /** The picture, if it is ready to be asked. */
  of(pictureId: string | null): OpenPicture | null;
  /** Opens the open picture again. */
  retry(): void;
  forget(pictureId: string): void;
  close(): void;
}

interface Session {
  readonly controller: AbortController;
  opened: OpenPicture | null;
}

/** How a segmenter takes a picture in: `open`, or `openAhead`. */
type Open = Segmenter["open"];

/** Opens whatever picture the user has open, with the segmenter of the mode in use, when either changes. */
export function watchPictures(
  store: StudioStore,
  pictures: PictureStore,
  createSegmenter: CreateSegmenter,
): PictureSessions {
  let segmenter: Segmenter | null = null;
  const sessions = new Map<string, Session>();
  const ahead = watchAhead(store, { start: openAhead, stop: stopAhead });

  function setLoading(pictureId: string, loading: Loading): void {
    store.set((state) => ({
      pictures: state.pictures.map((each) => (each.id === pictureId ? { ...each, loading } : each)),
    }));
  }

  function forget(pictureId: string): void {
    sessions.get(pictureId)?.controller.abort();
    sessions.delete(pictureId);
  }

  async function open(pictureId: string, by: Open): Promise<void> {
    closeOldest(sessions, MAX_OPEN - 1, forget);
    const session: Session = { controller: new AbortController(), opened: null };
    sessions.set(pictureId, session);
    const { signal } = session.controller;
    const onLoading = (loading: Loading) => {
      if (!signal.aborted) setLoading(pictureId, loading);
    };
    try {
      session.opened = withoutSpecks(await by(pictures.sourceOf(pictureId), { signal, onLoading }));
      onLoading({ phase: "ready" });
    } catch (error) {
      if (sessions.get(pictureId) === session) sessions.delete(pictureId);
      if (isAbort(error)) return;
      const isWanted = store.getState().openPictureId === pictureId;
      onLoading(isWanted ? { phase: "failed", message: messageOf(error) } : { phase: "waiting" });
    }
  }

  /** @returns null where this is not done, or not needed */
  function openAhead(pictureId: string): Promise<void> | null {
    const by = segmenter?.openAhead;
    const isFree = sessions.get(store.getState().openPictureId ?? "")?.opened;
    return by && isFree && !sessions.has(pictureId) ? open(pictureId, by) : null;
  }

  function stopAhead(pictureId: string): void {
    forget(pictureId);
    setLoading(pictureId, { phase: "waiting" });
  }

  function look(): void {
    const { openPictureId } = store.getState();
    const mode = runModeOf(store.getState());
    if (mode !== null && segmenter?.mode !== mode) switchTo(mode);
    if (!segmenter || openPictureId === null) return;
    const session = sessions.get(openPictureId);
    if (!session) {
      void open(openPictureId, segmenter.open);
      return;
    }
    // The map's order tells which was used last.
    sessions.delete(openPictureId);
    sessions.set(openPictureId, session);
  }

  function switchTo(mode: RunMode): void {
    const before = segmenter;
    for (const id of [...sessions.keys()]) forget(id);
    store.set((state) => ({
      pictures: state.pictures.map((each) => ({ ...each, loading: { phase: "waiting" } })),
    }));
    const next = createSegmenter(mode, (model) => {
      // Also before it is assigned, and no more when another has taken its place.
      if (runModeOf(store.getState()) === mode) store.set(() => ({ model }));
    });
    segmenter = next;
    void before?.close();
  }

  const unsubscribe = store.subscribe((state, before) => {
    const isChanged = state.openPictureId !== before.openPictureId || runModeOf(state) !== runModeOf(before);
    if (isChanged) look();
  });

  return {
    of: (pictureId) => (pictureId === null ? null : (sessions.get(pictureId)?.opened ?? null)),
    retry() {
      const { openPictureId } = store.getState();
      if (openPictureId !== null) forget(openPictureId);
      look();
    },
    forget,
    close() {
      unsubscribe();
      ahead.close();
      for (const id of [...sessions.keys()]) forget(id);
      void segmenter?.close();
    },
  };
}

function closeOldest(
  sessions: ReadonlyMap<string, Session>,
  keep: number,
  forget: (pictureId: string) => void,
): void {
  for (const id of [...sessions.keys()].slice(0, Math.max(0, sessions.size - keep))) forget(id);
}
