import { isAbort, messageOf } from "../errors.js";
import type { PictureStore } from "../pictures/picture-store.js";
import type { OpenPicture, Segmenter } from "../segmentation/types.js";
import { withoutSpecks } from "../segmentation/without-specks.js";
import type { Loading } from "../state/status.js";
import type { StudioStore } from "../state/studio-store.js";

/** So many pictures stay open; an embedding takes four megabytes. */
const MAX_OPEN = 8;

/** How a segmenter takes a picture in: `open`, or `openAhead`. */
type Open = Segmenter["open"];

/** The pictures that are open or being opened, up to a number; the one used longest ago is closed first. */
export interface OpenPictures {
  /** Opens a picture; its `loading` in the state tells how that goes. */
  open(pictureId: string, by: Open): Promise<void>;
  has(pictureId: string): boolean;
  /** The picture, if it is ready to be asked. */
  get(pictureId: string): OpenPicture | null;
  /** Marks a picture as used. */
  touch(pictureId: string): void;
  /** Closes a picture, or breaks off opening it. */
  forget(pictureId: string): void;
  forgetAll(): void;
  /** Forgets a picture and shows that it waits to be opened. */
  stop(pictureId: string): void;
  stopAll(): void;
}

interface Session {
  readonly controller: AbortController;
  opened: OpenPicture | null;
}

export function createOpenPictures(store: StudioStore, pictures: PictureStore): OpenPictures {
  const sessions = new Map<string, Session>(); // in the order of use

  function forget(pictureId: string): void {
    sessions.get(pictureId)?.controller.abort();
    sessions.delete(pictureId);
  }

  async function open(pictureId: string, by: Open): Promise<void> {
    for (const id of [...sessions.keys()].slice(0, Math.max(0, sessions.size - MAX_OPEN + 1))) forget(id);
    const session: Session = { controller: new AbortController(), opened: null };
    sessions.set(pictureId, session);
    const { signal } = session.controller;
    const onLoading = (loading: Loading) => {
      if (!signal.aborted) setLoading(store, loading, pictureId);
    };
    try {
      session.opened = withoutSpecks(await by(pictures.sourceOf(pictureId), { signal, onLoading }));
      onLoading({ phase: "ready" });
    } catch (error) {
      if (sessions.get(pictureId) === session) sessions.delete(pictureId);
      if (isAbort(error)) return;
      const isWanted = store.getState().openPictureId === pictureId;
      onLoading(isWanted ? { phase: "failed", message: messageOf(error) } : WAITING);
    }
  }

  function forgetAll(): void {
    for (const id of [...sessions.keys()]) forget(id);
  }

  return {
    open,
    has: (pictureId) => sessions.has(pictureId),
    get: (pictureId) => sessions.get(pictureId)?.opened ?? null,
    touch(pictureId) {
      const session = sessions.get(pictureId);
      if (!session) return;
      sessions.delete(pictureId);
      sessions.set(pictureId, session);
    },
    forget,
    forgetAll,
    stop(pictureId) {
      forget(pictureId);
      setLoading(store, WAITING, pictureId);
    },
    stopAll() {
      forgetAll();
      setLoading(store, WAITING);
    },
  };
}

const WAITING: Loading = { phase: "waiting" };

/** @param pictureId left out, it is so of all pictures */
function setLoading(store: StudioStore, loading: Loading, pictureId?: string): void {
  store.set(({ pictures }) => ({
    pictures: pictures.map((each) =>
      pictureId === undefined || each.id === pictureId ? { ...each, loading } : each,
    ),
  }));
}
