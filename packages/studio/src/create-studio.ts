import type { EmbeddedWeights } from "@segany/sam/browser";
import { type ApiClient, createApiClient } from "./api/api-client.js";
import { createFindAll } from "./effects/find-all.js";
import { findServer } from "./effects/find-server.js";
import { createGallery, type Gallery } from "./effects/gallery.js";
import { createHoverPreview } from "./effects/hover-preview.js";
import { type CreateSegmenter, watchImages } from "./effects/image-loader.js";
import { type MaskKeeper, watchKeptMasks } from "./effects/keep-masks.js";
import { watchDraft } from "./effects/predict-draft.js";
import { loadPreferences, type PreferenceStorage, watchPreferences } from "./effects/preferences.js";
import { messageOf } from "./errors.js";
import { exportCutOuts } from "./formats/export-cut-outs.js";
import { exportMasks } from "./formats/export-masks.js";
import { cutOutPng } from "./images/cut-out-png.js";
import { createImageStore, type ImageStore } from "./images/image-store.js";
import { createInBrowserSegmenter, type InBrowserOptions } from "./segmentation/in-browser.js";
import { createServerSegmenter } from "./segmentation/on-server.js";
import { createServerEncodesSegmenter } from "./segmentation/server-encodes.js";
import { createStudioStore } from "./state/create-store.js";
import { openImage } from "./state/selectors.js";
import type { StudioStore } from "./state/studio-store.js";
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
  const server: ServerLink = { api: null, keeper: null };
  const images = createImageStore(() => server.api);
  const segmenterOf = createSegmenter ?? segmentersOf({ client, weights, images });
  const loader = watchImages(store, images, segmenterOf);
  const gallery = createGallery({ store, images, loader, api: () => server.api });
  const hover = createHoverPreview(store, loader);
  const everything = createFindAll(store, loader);
  const stops = [
    watchDraft(store, loader),
    watchPreferences(store, storage),
    hover.close,
    everything.close,
    () => server.stop?.(),
  ];

  if (createSegmenter) store.set(() => ({ modes: ["server-encodes", "browser", "server"] }));
  else void connect(server, { store, client, images, gallery });

  return {
    ...store,
    ...gallery,
    retry: loader.retry,
    setMode: (mode) => store.set(({ preferences }) => ({ preferences: { ...preferences, mode } })),
    hoverAt: hover.hoverAt,
    findAll: everything.findAll,
    stopFinding: everything.stopFinding,
    selectFound: everything.selectFound,
    bitmapOf: images.bitmapOf,
    cutOut: async (shape) => cutOutPng(await images.bitmapOf(store.getState().openImageId ?? ""), shape),
    readKeptMasks: async () => server.keeper?.readAll(),
    answerQuestion: (imageId, choices) => server.keeper?.answer(imageId, choices),
    exportMasks: (format, ids) =>
      exportMasks(
        format,
        store.getState().images.filter(({ id }) => ids.includes(id)),
      ),
    exportCutOuts: () => exportCutOuts(openImage(store.getState()), images.bitmapOf),
    close() {
      for (const stop of stops) stop();
      loader.close();
    },
  };
}

/** The segmenters by mode. */
function segmentersOf(parts: {
  readonly client: ApiClient;
  readonly weights: EmbeddedWeights;
  readonly images: ImageStore;
}): CreateSegmenter {
  const { client, weights, images } = parts;
  const pixelsOf: InBrowserOptions["pixelsOf"] = ({ id }, signal) => images.pixelsOf(id, signal);
  return (mode, onModel) => {
    switch (mode) {
      case "server-encodes":
        return createServerEncodesSegmenter(client, onModel);
      case "server":
        return createServerSegmenter(client, onModel);
      case "browser":
        return createInBrowserSegmenter({ weights, onModel, pixelsOf });
    }
  };
}

/** The server, once it was found. */
interface ServerLink {
  api: ApiClient | null;
  keeper: MaskKeeper | null;
  stop?: () => void;
}

/** Looks for the server; if there is one, lists its images and saves masks there. */
async function connect(
  server: ServerLink,
  parts: {
    readonly store: StudioStore;
    readonly client: ApiClient;
    readonly images: ImageStore;
    readonly gallery: Gallery;
  },
): Promise<void> {
  const { store, client, images, gallery } = parts;
  const isThere = await findServer(client, store);
  if (!isThere) return;
  server.api = client;
  const keeper = watchKeptMasks(store, client, (id) => images.sourceOf(id).kind === "stored");
  server.keeper = keeper;
  const stopWatching = watchLeaving(keeper);
  server.stop = () => {
    stopWatching();
    keeper.close();
  };
  try {
    gallery.addStored(await client.images());
  } catch (error) {
    store.notify("warning", `The server's images can't be listed. ${messageOf(error)}`);
  }
}

/**
 * Sends what is left when the page is left. What may not get through in time has the browser ask the user
 * first.
 */
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
