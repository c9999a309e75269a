/** Tells of a model while it is loaded. */

import type { BrowserSam, RunOptions } from "@segany/sam/browser";
import { messageOf } from "../errors.js";
import type { ModelStatus } from "../state/status.js";

/** A model that is on its way. */
export interface LoadedModel {
  /** The same for every caller. */
  readonly sam: Promise<BrowserSam>;
  close(): Promise<void>;
}

/** Begins to load a model and tells how far it is. */
export function loadModel(
  label: string,
  load: (options: RunOptions) => Promise<BrowserSam>,
  onModel: (status: ModelStatus) => void,
): LoadedModel {
  const controller = new AbortController();
  let note: string | null = null;
  let isReady = false;
  onModel({ state: "loading", label, done: 0, total: null });
  const sam = load({
    signal: controller.signal,
    onNote: (text) => {
      note = text;
    },
    onProgress: (progress) => {
      if (isReady || progress.kind !== "download") return;
      onModel({
        state: "loading",
        label,
        done: progress.receivedBytes,
        total: progress.totalBytes ?? null,
      });
    },
  });
  sam.then(
    ({ model }) => {
      isReady = true;
      onModel({ state: "ready", name: model.name, note });
    },
    (error: unknown) => {
      if (!controller.signal.aborted) onModel({ state: "failed", message: messageOf(error) });
    },
  );
  return {
    sam,
    async close() {
      controller.abort();
      await sam.then((opened) => opened.close()).catch(() => undefined);
    },
  };
}
