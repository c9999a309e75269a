import type { ImageStore } from "../images/image-store.js";
import { isEmptyDraft } from "../state/draft-queries.js";
import type { StudioStore } from "../state/studio-store.js";
import type { GalleryImage } from "../state/types.js";
import type { ClassKeeper } from "./keep-classes.js";
import type { MaskKeeper } from "./keep-masks.js";
import type { UnfinishedKeeper } from "./keep-unfinished.js";

/** Those who keep work. */
export interface Keepers {
  readonly masks: MaskKeeper;
  readonly classes: ClassKeeper;
  /** null where this browser keeps nothing. */
  readonly unfinished: UnfinishedKeeper | null;
}

/**
 * Writes what is left when the page is hidden or left, and looks at the classes of others when it is shown.
 * What may not get through in time, and what is kept nowhere, has the browser ask the user first.
 *
 * @returns ends it
 */
export function watchLeaving(
  store: StudioStore,
  images: Pick<ImageStore, "placeOf">,
  { masks, classes, unfinished }: Keepers,
): () => void {
  function isAtRisk(image: GalleryImage): boolean {
    const { draft, cutOuts } = image.history.present;
    if (!unfinished && (cutOuts.length > 0 || !isEmptyDraft(draft))) return true;
    return store.getState().sending !== null && images.placeOf(image.id) === "page";
  }

  function warn(event: BeforeUnloadEvent): void {
    const isLosing = masks.hasUnsent() || classes.hasUnsent() || store.getState().images.some(isAtRisk);
    flush(true);
    if (isLosing) event.preventDefault();
  }

  function flush(leaving: boolean): void {
    unfinished?.flush();
    masks.flush(leaving);
    classes.flush(leaving);
  }

  const leave = () => flush(true);
  const hide = () => (document.visibilityState === "hidden" ? flush(false) : classes.refresh());
  addEventListener("beforeunload", warn);
  addEventListener("pagehide", leave);
  document.addEventListener("visibilitychange", hide);
  return () => {
    removeEventListener("beforeunload", warn);
    removeEventListener("pagehide", leave);
    document.removeEventListener("visibilitychange", hide);
  };
}
