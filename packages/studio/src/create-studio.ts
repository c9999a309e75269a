import type { EmbeddedWeights } from "@segany/sam/browser";
import { type ApiClient, createApiClient } from "./api/api-client.js";
import { createFindAll } from "./effects/find-all.js";
import { findServer } from "./effects/find-server.js";
import { createGallery, type Gallery } from "./effects/gallery.js";
import { createHoverPreview } from "./effects/hover-preview.js";
import { type CreateSegmenter, watchImages } from "./effects/image-loader.js";
import { watchKeptMasks } from "./effects/keep-masks.js";
import { watchUnfinished } from "./effects/keep-unfinished.js";
import { watchDraft } from "./effects/predict-draft.js";
import { loadPreferences, type PreferenceStorage, watchPreferences } from "./effects/preferences.js";
import { watchOpenImage } from "./effects/reopen-image.js";
import { createImageSender, type ImageSender } from "./effects/send-images.js";
import { type Keepers, watchLeaving } from "./effects/watch-leaving.js";
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
import { type LocalStore, openLocalStore } from "./storage/local-store.js";
import type { Studio } from "./studio.js";

/** What the studio stands on. */
export interface StudioOptions {
  /** Address of the page: the server, if there is one, is under it. */
  readonly baseUrl: string;
  /** Of the model that runs in this page. */
  readonly weights: EmbeddedWeights;
  /** Of this browser. */
  readonly storage: PreferenceStorage;
  /** Of this tab. */
  readonly session: PreferenceStorage;
  /** Stands in for the model in every mode, without asking for a server and without keeping anything. */
  readonly createSegmenter?: CreateSegmenter;
}

/** Makes the store, starts the effects, gets what this browser has kept, and looks for a server. */
export function createStudio({ baseUrl, weights, storage, session, createSegmenter }: StudioOptions): Studio {
  const store = createStudioStore(loadPreferences(storage));
  const client = createApiClient(baseUrl);
  const links: Links = { api: null, keepers: null, stops: [] };
  const local = createSegmenter ? Promise.resolve(null) : openLocalStore();
  const images = createImageStore(() => links.api);
  const segmenterOf = createSegmenter ?? segmentersOf({ client, weights, images });
  const loader = watchImages(store, images, segmenterOf);
  const api = () => links.api;
  const onSent = (id: string) => {
    links.keepers?.masks.moved(id);
    void local.then((kept) => kept?.removeImage(id));
  };
  const sender = createImageSender({ store, images, api, onSent });
  const gallery = createGallery({ store, images, loader, api, local, onSent, onSendable: sender.offer });
  const hover = createHoverPreview(store, loader);
  const everything = createFindAll(store, loader);
  links.stops.push(
    watchDraft(store, loader),
    watchPreferences(store, storage),
    watchOpenImage(store, session),
    hover.close,
    everything.close,
    sender.close,
  );
  if (createSegmenter) store.set(() => ({ modes: ["server-encodes", "browser", "server"] }));
  void start(links, { store, images, gallery, local }).then(() => {
    if (!createSegmenter) void connect(links, { store, client, gallery, sender });
  });

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
    readKeptMasks: async () => links.keepers?.masks.readAll(),
    answerQuestion: (imageId, choices) => links.keepers?.masks.answer(imageId, choices),
    exportMasks: (format, ids) =>
      exportMasks(
        format,
        store.getState().images.filter(({ id }) => ids.includes(id)),
      ),
    exportCutOuts: () => exportCutOuts(openImage(store.getState()), images.bitmapOf),
    close() {
      for (const stop of links.stops) stop();
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

/** What is there only after a while. */
interface Links {
  api: ApiClient | null;
  keepers: Keepers | null;
  readonly stops: (() => void)[];
}

/** Gets back what this browser has kept, and has work kept from now on. */
async function start(
  links: Links,
  {
    store,
    images,
    gallery,
    local,
  }: {
    readonly store: StudioStore;
    readonly images: ImageStore;
    readonly gallery: Gallery;
    readonly local: Promise<LocalStore | null>;
  },
): Promise<void> {
  const kept = await local;
  try {
    if (kept) gallery.addLocal(await kept.images());
  } catch (error) {
    store.notify("warning", `Images that this browser has kept can't be read. ${messageOf(error)}`);
  }
  links.keepers = {
    masks: watchKeptMasks(store, {
      server: () => links.api,
      browser: kept,
      placeOf: images.placeOf,
      inBrowser: (await kept?.maskIds().catch(() => [])) ?? [],
    }),
    unfinished: kept && (await watchUnfinished(store, kept)),
  };
  const { masks, unfinished } = links.keepers;
  links.stops.push(watchLeaving(store, images, links.keepers), masks.close, () => unfinished?.close());
}

/** Looks for the server; if there is one, lists its images, and sends it those of this browser. */
async function connect(
  links: Links,
  parts: {
    readonly store: StudioStore;
    readonly client: ApiClient;
    readonly gallery: Gallery;
    readonly sender: ImageSender;
  },
): Promise<void> {
  const { store, client, gallery, sender } = parts;
  if (!(await findServer(client, store))) return;
  links.api = client;
  try {
    gallery.addStored(await client.images());
  } catch (error) {
    store.notify("warning", `The server's images can't be listed. ${messageOf(error)}`);
  }
  sender.resume();
}
