/** Another version of the model takes the place of the one in use, while the user goes on. */

import { isAbort, messageOf } from "../errors.js";
import type { ImageStore } from "../images/image-store.js";
import type { OpenImage, Segmenter } from "../segmentation/types.js";
import { isSameModel, type ModelSource } from "../state/selectors.js";
import type { ModelStatus } from "../state/status.js";
import type { StudioStore } from "../state/studio-store.js";
import type { StudioState } from "../state/types.js";
import { type CreateSegmenter, createFor } from "./create-segmenter.js";

export interface TakeOver {
  /** Opens the image with the other model, and then has it take the place. One at a time: the last. */
  begin(to: ModelSource, imageId: string): void;
  stop(): void;
}

export interface TakeOverOptions {
  readonly create: CreateSegmenter;
  readonly isInUse: (source: ModelSource) => boolean;
  readonly swap: (to: ModelSource, segmenter: Segmenter, imageId: string, image: OpenImage) => void;
}

interface Attempt {
  readonly to: ModelSource;
  readonly controller: AbortController;
}

export function createTakeOver(
  store: StudioStore,
  images: Pick<ImageStore, "sourceOf">,
  { create, isInUse, swap }: TakeOverOptions,
): TakeOver {
  let attempt: Attempt | null = null;

  function stop(): void {
    attempt?.controller.abort();
    attempt = null;
  }

  async function run({ to, controller: { signal } }: Attempt, imageId: string): Promise<void> {
    let status: ModelStatus | null = null;
    const tell = () => {
      const model = status;
      if (model && isInUse(to)) store.set(() => ({ model }));
    };
    const onModel = (model: ModelStatus) => {
      status = model;
      tell();
    };
    const next = createFor(create, to, onModel);
    try {
      const image = await next.open(images.sourceOf(imageId), { signal, onLoading: () => undefined });
      await untilAtRest(store, signal);
      swap(to, next, imageId, image);
      tell();
      tellOf(store, to);
    } catch (error) {
      void next.close();
      if (!isAbort(error)) throw error;
    }
  }

  return {
    stop,
    begin(to, imageId) {
      if (attempt && isSameModel(attempt.to, to)) return;
      stop();
      const own: Attempt = { to, controller: new AbortController() };
      attempt = own;
      run(own, imageId)
        .catch((error) =>
          store.notify("warning", `The new version of the model can't be opened yet. ${messageOf(error)}`),
        )
        .finally(() => {
          if (attempt === own) attempt = null;
        });
    },
  };
}

function tellOf(store: StudioStore, { version }: ModelSource): void {
  if (version) store.notify("info", `Version ${version.number} of the project's model answers from now on.`);
}

/** Whether no answer of the model is under way or waits to be kept: those are of the version in use. */
function isAtRest({ predicting, everything }: StudioState): boolean {
  return !predicting && ["idle", "failed", "versions"].includes(everything.state);
}

function untilAtRest(store: StudioStore, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (settle: () => void) => {
      unsubscribe();
      settle();
    };
    const look = () => {
      if (isAtRest(store.getState())) end(resolve);
    };
    const unsubscribe = store.subscribe(look);
    signal.addEventListener("abort", () =>
      end(() => reject(new DOMException("Another model was chosen.", "AbortError"))),
    );
    look();
  });
}
