import type { EmbeddedWeights } from "@segany/sam/browser";
import { type ApiClient, createApiClient } from "./api/api-client.js";
import { createEngineApi, type EngineClient } from "./api/engine.js";
import { watchClicks } from "./effects/commit-clicks.js";
import type { CreateSegmenter } from "./effects/create-segmenter.js";
import { createFindAll } from "./effects/find-all.js";
import { findServer } from "./effects/find-server.js";
import { createGallery, type Gallery } from "./effects/gallery.js";
import { createHoverPreview } from "./effects/hover-preview.js";
import { watchImages } from "./effects/image-loader.js";
import { watchClasses } from "./effects/keep-classes.js";
import { watchKeptMasks } from "./effects/keep-masks.js";
import { watchUnfinished } from "./effects/keep-unfinished.js";
import { watchDraft } from "./effects/predict-draft.js";
import { loadPreferences, type PreferenceStorage, watchPreferences } from "./effects/preferences.js";
import { watchOpenImage } from "./effects/reopen-image.js";
import { createImageSender, type ImageSender } from "./effects/send-images.js";
import { type Keepers, watchLeaving } from "./effects/watch-leaving.js";
import { messageOf, StudioError } from "./errors.js";
import { exportCutOuts } from "./formats/export-cut-outs.js";
import { exportMasks } from "./formats/export-masks.js";
import { isMaskFile } from "./formats/unpack-files.js";
import { cutOutPng } from "./images/cut-out-png.js";
import { createImageStore, type ImageStore } from "./images/image-store.js";
import { createInBrowserSegmenter, type InBrowserOptions } from "./segmentation/in-browser.js";
import { createServerSegmenter } from "./segmentation/on-server.js";
import { createServerEncodesSegmenter } from "./segmentation/server-encodes.js";
import { createStudioStore } from "./state/create-store.js";
import { classList, openImage } from "./state/selectors.js";
import type { StudioStore } from "./state/studio-store.js";
import { newWork } from "./state/work.js";
import { type LocalStore, openLocalStore } from "./storage/local-store.js";
import { openOutbox } from "./storage/outbox.js";
import type { Studio, WorkActions } from "./studio.js";
import { recordWork } from "./work/record-work.js";
import type { WorkAddress } from "./work/work-address.js";
import { createWorkSession, type WorkSession } from "./work/work-session.js";

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
  /** The work that the page is opened for; null for a page of one's own. */
  readonly work?: WorkAddress | null;
  /** Stands in for the model in every mode, without asking for a server and without keeping anything. */
  readonly createSegmenter?: CreateSegmenter;
}

/** Makes the store, starts the effects, gets what this browser has kept, and looks for a server. */
export function createStudio(options: StudioOptions): Studio {
  const { baseUrl, weights, storage, session, createSegmenter, work: address = null } = options;
  const store = createStudioStore(loadPreferences(storage));
  const client = createApiClient(baseUrl);
  const engine = createEngineApi(baseUrl);
  const links: Links = { api: null, keepers: null, work: null, stops: [] };
  if (address) {
    const activity = address.kind === "queue" ? address.activity : "label";
    store.set(() => ({ work: newWork(activity) }));
  }
  const local = createSegmenter ? Promise.resolve(null) : openLocalStore();
  const images = createImageStore(() => links.api);
  const segmenterOf = createSegmenter ?? segmentersOf({ baseUrl, weights, images });
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
    watchClicks(store),
    watchPreferences(store, storage),
    address ? () => undefined : watchOpenImage(store, session),
    hover.close,
    everything.close,
    sender.close,
  );
  if (createSegmenter) store.set(() => ({ modes: ["server-encodes", "browser", "server"] }));
  void start(links, { store, images, gallery, local, engine, client, address }).then(() => {
    if (!createSegmenter) void connect(links, { store, client, gallery, sender, engine });
  });

  return {
    ...store,
    ...gallery,
    addFiles: address ? refusingImages(store, gallery) : gallery.addFiles,
    retry: loader.retry,
    setMode: (mode) => store.set(({ preferences }) => ({ preferences: { ...preferences, mode } })),
    hoverAt: hover.hoverAt,
    findAll: everything.findAll,
    findWords: everything.findWords,
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
        classList(store.getState()),
      ),
    exportCutOuts: () => exportCutOuts(openImage(store.getState()), images.bitmapOf),
    work: address && workOf(links),
    close() {
      for (const stop of links.stops) stop();
      loader.close();
    },
  };
}

/** The segmenters by mode. */
function segmentersOf(parts: {
  readonly baseUrl: string;
  readonly weights: EmbeddedWeights;
  readonly images: ImageStore;
}): CreateSegmenter {
  const { baseUrl, weights, images } = parts;
  const pixelsOf: InBrowserOptions["pixelsOf"] = ({ id }, signal) => images.pixelsOf(id, signal);
  return (mode, onModel, version) => {
    const client = createApiClient(baseUrl, version ?? undefined);
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
  work: WorkSession | null;
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
    engine,
    client,
    address,
  }: {
    readonly store: StudioStore;
    readonly images: ImageStore;
    readonly gallery: Gallery;
    readonly local: Promise<LocalStore | null>;
    readonly engine: EngineClient;
    readonly client: ApiClient;
    readonly address: WorkAddress | null;
  },
): Promise<void> {
  const kept = await local;
  if (address) links.work = await startWork(links, { store, gallery, engine, client, address });
  try {
    if (kept && !address) gallery.addLocal(await kept.images());
  } catch (error) {
    store.notify("warning", `Images that this browser has kept can't be read. ${messageOf(error)}`);
  }
  links.keepers = {
    classes: address ? UNCHANGED : watchClasses(store, { server: () => links.api, browser: kept }),
    masks: watchKeptMasks(store, {
      server: () => links.work?.masks ?? links.api,
      browser: kept,
      placeOf: images.placeOf,
      inBrowser: address ? [] : ((await kept?.maskIds().catch(() => [])) ?? []),
      isJob: address !== null,
    }),
    unfinished: kept && (await watchUnfinished(store, kept, { isJob: address !== null })),
  };
  const { masks, classes, unfinished } = links.keepers;
  links.stops.push(watchLeaving(store, images, links.keepers), masks.close, classes.close, () =>
    unfinished?.close(),
  );
}

/** Looks for the server; if there is one, lists its images, and sends it those of this browser. */
async function connect(
  links: Links,
  parts: {
    readonly store: StudioStore;
    readonly client: ApiClient;
    readonly gallery: Gallery;
    readonly sender: ImageSender;
    readonly engine: EngineClient;
  },
): Promise<void> {
  const { store, client, gallery, sender } = parts;
  if (links.work) {
    links.api = client;
    const isThere = findServer(client, store);
    await links.work.start();
    await isThere;
    return;
  }
  if (!(await findServer(client, store))) return;
  links.api = client;
  if (await client.hasEngine()) void findProjects(store, parts.engine);
  links.keepers?.classes.refresh();
  try {
    gallery.addStored(await client.images());
  } catch (error) {
    store.notify("warning", `The server's images can't be listed. ${messageOf(error)}`);
  }
  sender.resume();
}

/** The classes of a project are changed on its own page. */
const UNCHANGED: Keepers["classes"] = {
  refresh: () => undefined,
  hasUnsent: () => false,
  flush: () => undefined,
  close: () => undefined,
};

async function startWork(
  links: Links,
  parts: {
    readonly store: StudioStore;
    readonly gallery: Gallery;
    readonly engine: EngineClient;
    readonly client: ApiClient;
    readonly address: WorkAddress;
  },
): Promise<WorkSession> {
  const session = createWorkSession({
    ...parts,
    keeper: () => links.keepers?.masks ?? null,
    outbox: await openOutbox(),
    recorder: recordWork(parts.store),
    showAddress: (search) => history.replaceState(null, "", search),
  });
  links.stops.push(session.close);
  return session;
}

/** The session's actions, which is there only after a while. */
function workOf(links: Links): WorkActions {
  const there = (): WorkSession => {
    if (links.work) return links.work;
    throw new StudioError("starting", "The page is still being opened.");
  };
  return {
    next: async () => there().next(),
    done: async () => there().done(),
    skip: async (reason) => there().skip(reason),
    takeAgain: async () => there().takeAgain(),
    accept: async () => there().accept(),
    reject: async (comment) => there().reject(comment),
    showVersions: async () => there().showVersions(),
    pinIssue: async (at, text) => there().pinIssue(at, text),
    comment: async (issue, text) => there().comment(issue, text),
    setResolved: async (issue, isResolved) => there().setResolved(issue, isResolved),
  };
}

/** Whether the page offers a way to projects: where there are some, or where one has to sign in. */
async function findProjects(store: StudioStore, engine: EngineClient): Promise<void> {
  try {
    const { by } = await engine.getSession();
    const hasProjects =
      by !== "local" || (await engine.listProjects({ query: { limit: 1 } })).items.length > 0;
    store.set(() => ({ hasProjects }));
  } catch {
    // Without a data engine there are none.
  }
}

/** Masks may be dropped on the images of a project; other images are not of it. */
function refusingImages(store: StudioStore, { addFiles }: Gallery): Gallery["addFiles"] {
  return async (files) => {
    const masks = files.filter(isMaskFile);
    if (masks.length < files.length)
      store.notify("warning", "Images come from the project here. Open the studio without it for your own.");
    if (masks.length > 0) await addFiles(masks, true);
  };
}
