/** Tells of a model while it is loaded. */

import type { ModelInfo } from "@segany/sam";
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
  const notes: string[] = [];
  let ready: Pick<ModelInfo, "name" | "checkpointSha256"> | null = null;
  const tellReady = ({ name, checkpointSha256 }: NonNullable<typeof ready>) => {
    const note = notes.length > 0 ? notes.join(" ") : null;
    onModel({ state: "ready", name, hash: checkpointSha256, note });
  };
  onModel({ state: "loading", label, done: 0, total: null });
  const sam = load({
    signal: controller.signal,
    onNote: (text) => {
      notes.push(text);
      // A graphics processor may fail at any time.
      if (ready && !controller.signal.aborted) tellReady(ready);
    },
    onProgress: (progress) => {
      if (ready || progress.kind !== "download") return;
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
      ready = model;
      tellReady(model);
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
