/** The whole studio over a made-up model, for tests that put it into every state that it can be in. */

import { createElement } from "react";
import { createRoot } from "react-dom/client";
import { COMMANDS } from "../../actions/registry.js";
import { App } from "../../components/app.js";
import { createStudio } from "../../create-studio.js";
import { createFakeSegmenter } from "../../segmentation/fake-segmenter.js";
import { openDocument, openImage } from "../../state/selectors.js";
import type { Loading } from "../../state/status.js";
import type { Studio } from "../../studio.js";
import { makeObjects } from "../made-objects.js";

/** What tests find on the page's window. */
export interface ShellPage {
  readonly studio: Studio;
  /** Opens the image of an address. */
  readonly addImage: (url: string, name: string) => Promise<void>;
  /** Puts the open image into a phase, as if the model were there. */
  readonly showLoading: (loading: Loading) => void;
  readonly addMadeObjects: (count: number) => void;
  readonly openDocument: typeof openDocument;
  readonly commandIds: readonly string[];
}

const studio = createStudio({
  baseUrl: document.baseURI,
  weights: { encoderUrl: "", decoderUrl: "" },
  storage: localStorage,
  session: sessionStorage,
  createSegmenter: createFakeSegmenter,
});

const page: ShellPage = {
  studio,
  async addImage(url, name) {
    const blob = await (await fetch(url)).blob();
    await studio.addFiles([new File([blob], name, { type: blob.type })]);
  },
  showLoading(loading) {
    studio.set(({ images, openImageId }) => ({
      images: images.map((image) => (image.id === openImageId ? { ...image, loading } : image)),
    }));
  },
  addMadeObjects(count) {
    const image = openImage(studio.getState());
    if (!image) throw new Error("There is no image open to add objects to.");
    const objects = makeObjects(count, image);
    studio.edit("Import", (document) => ({ ...document, objects }));
  },
  openDocument,
  commandIds: COMMANDS.map(({ id }) => id),
};
Object.assign(window, { shellPage: page });

createRoot(document.getElementById("root")!).render(createElement(App, { studio }));
