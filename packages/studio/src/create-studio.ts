import type { EmbeddedWeights } from "@segany/sam/browser";
import { type ApiClient, createApiClient } from "./api/api-client.js";
import { createFindAll } from "./effects/find-all.js";
import { findServer } from "./effects/find-server.js";
import { createGallery } from "./effects/gallery.js";
import { createHoverPreview } from "./effects/hover-preview.js";
import { type MaskKeeper, watchKeptMasks } from "./effects/keep-masks.js";
import { type CreateSegmenter, watchPictures } from "./effects/picture-sessions.js";
import { watchDraft } from "./effects/predict-draft.js";
import { loadPreferences, type PreferenceStorage, watchPreferences } from "./effects/preferences.js";
import { messageOf } from "./errors.js";
import { exportCutOuts } from "./formats/export-cut-outs.js";
import { exportMasks } from "./formats/export-masks.js";
import { cutOutPng } from "./pictures/cut-out-png.js";
import { createPictureStore } from "./pictures/picture-store.js";
import { createInBrowserSegmenter } from "./segmentation/in-browser.js";
import { createServerSegmenter } from "./segmentation/on-server.js";
import { createServerEncodesSegmenter } from "./segmentation/server-encodes.js";
import { createStudioStore } from "./state/create-store.js";
import { openPicture } from "./state/selectors.js";
import type { Studio } from "./studio.js";

/** What the studio stands on. */
export interface StudioOptions {
  /** Address of the page: the server, if there is one, is under it. */
  readonly baseUrl: string;
  /** Of the model that runs in this page. */
  readonly weights: EmbeddedWeights;
  readonly storage: PreferenceStorage;
  /** Stands in for the model in every mode, without asking for a server. */
  readonly createSegmenter?: CreateSegmenter;
}

/** Makes the store, starts the effects and looks for a server. */
export function createStudio({ baseUrl, weights, storage, createSegmenter }: StudioOptions): Studio {
  const store = createStudioStore(loadPreferences(storage));
  const client = createApiClient(baseUrl);
  let api: ApiClient | null = null;
  let keeper: MaskKeeper | null = null;
  const pictures = createPictureStore(() => api);
  const segmenterOf: CreateSegmenter = (mode, onModel) => {
    switch (mode) {
      case "server-encodes":
        return createServerEncodesSegmenter(client, onModel);
      case "server":
        return createServerSegmenter(client, onModel);
      case "browser":
        return createInBrowserSegmenter({
          weights,
          onModel,
          pixelsOf: ({ id }, signal) => pictures.pixelsOf(id, signal),
        });
    }
  };
  const sessions = watchPictures(store, pictures, createSegmenter ?? segmenterOf);
  const gallery = createGallery({ store, pictures, sessions, api: () => api });
  const hover = createHoverPreview(store, sessions);
  const everything = createFindAll(store, sessions);
  const stops = [
    watchDraft(store, sessions),
    watchPreferences(store, storage),
    hover.close,
    everything.close,
  ];

  if (createSegmenter) store.set(() => ({ modes: ["server-encodes", "browser", "server"] }));
  else void start();

  async function start(): Promise<void> {
    const isThere = await findServer(client, store);
    if (!isThere) return;
    api = client;
    const kept = watchKeptMasks(store, client, (id) => pictures.sourceOf(id).kind === "stored");
    keeper = kept;
    stops.push(watchLeaving(kept), kept.close);
    try {
      gallery.addStored(await client.images());
    } catch (error) {
      store.notify("warning", `The server's pictures can't be listed. ${messageOf(error)}`);
    }
  }

  return {
    ...store,
    ...gallery,
    retry: sessions.retry,
    setMode: (mode) => store.set(({ preferences }) => ({ preferences: { ...preferences, mode } })),
    hoverAt: hover.hoverAt,
    findAll: everything.findAll,
    stopFinding: everything.stopFinding,
    selectFound: everything.selectFound,
    bitmapOf: pictures.bitmapOf,
    cutOut: async (shape) => cutOutPng(await pictures.bitmapOf(store.getState().openPictureId ?? ""), shape),
    readKeptMasks: async () => keeper?.readAll(),
    answerQuestion: (pictureId, choices) => keeper?.answer(pictureId, choices),
    exportMasks: (format, ids) =>
      exportMasks(
        format,
        store.getState().pictures.filter(({ id }) => ids.includes(id)),
      ),
    exportCutOuts: () => exportCutOuts(openPicture(store.getState()), pictures.bitmapOf),
    close() {
      for (const stop of stops) stop();
      sessions.close();
    },
  };
}

/** Sends what is left when the page is left. What may not get through in time has the browser ask the user first. */
function watchLeaving(keeper: MaskKeeper): () => void {
  const warn = (event: BeforeUnloadEvent) => {
    if (!keeper.hasUnsent()) return;
    keeper.flush();
    event.preventDefault();
  };
  addEventListener("beforeunload", warn);
  addEventListener("pagehide", keeper.flush);
  return () => {
    removeEventListener("beforeunload", warn);
    removeEventListener("pagehide", keeper.flush);
  };
}
