import type { StudioStore } from "../state/studio-store.js";
import type { PreferenceStorage } from "./preferences.js";

const KEY = "segany.open-image";

/**
 * Opens the image that was open before a reload, once it is in the gallery and unless the user has opened
 * another by then. @param session storage of this tab @returns ends it
 */
export function watchOpenImage(store: StudioStore, session: PreferenceStorage): () => void {
  let wanted = read(session);
  return store.subscribe((state, before) => {
    if (state.openImageId !== before.openImageId) {
      wanted = null;
      write(session, state.openImageId);
    }
    if (wanted === null || !state.images.some(({ id }) => id === wanted)) return;
    const openImageId = wanted;
    store.set(() => ({ openImageId }));
  });
}

function read(session: PreferenceStorage): string | null {
  try {
    return session.getItem(KEY) || null;
  } catch {
    return null; // forbidden
  }
}

function write(session: PreferenceStorage, imageId: string | null): void {
  try {
    session.setItem(KEY, imageId ?? "");
  } catch {
    // Full or forbidden: after a reload no image is open.
  }
}
