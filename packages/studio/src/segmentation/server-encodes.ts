import type { ImageEmbedding } from "@segany/sam";
import { loadSamDecoder } from "@segany/sam/browser";
import type { ApiClient } from "../api/api-client.js";
import type { ModelStatus } from "../state/status.js";
import { type LoadedModel, loadModel } from "./model-status.js";
import { createPageDecoder } from "./page-decoder.js";
import { everythingOnServer } from "./server-everything.js";
import { bringToServer, waitForEmbedding } from "./server-images.js";
import { wordsOnServer } from "./server-words.js";
import type { ImageSource, OpenImage, OpenOptions, Segmenter } from "./types.js";

/** The server encodes images, this page decodes: the mode for every day. Clicks cost no request. */
export function createServerEncodesSegmenter(
  api: ApiClient,
  onModel: (status: ModelStatus) => void,
): Segmenter {
  const model: LoadedModel = loadModel(
    "Decoder",
    async (options) => {
      const { decoder } = await api.model({ signal: options.signal });
      return loadSamDecoder({ ...options, weights: api.url(decoder.url), sha256: decoder.sha256 });
    },
    onModel,
  );

  async function open(source: ImageSource, options: OpenOptions): Promise<OpenImage> {
    const { signal, onLoading } = options;
    const image = await bringToServer(api, source, options);
    await waitForEmbedding(api, image, options);
    const onBytes = (bytesDone: number, bytesTotal: number) =>
      onLoading({ phase: "downloading", bytesDone, bytesTotal });
    const embedding: ImageEmbedding = await api.embedding(image.id, { signal, onBytes });
    const sam = await model.sam;
    const predict = createPageDecoder(sam, embedding);
    return {
      width: image.width,
      height: image.height,
      model: sam.model,
      predict,
      everything: (everything) => everythingOnServer(api, image.id, everything),
      words: (text, asking) => wordsOnServer(api, image.id, text, asking),
    };
  }

  return { mode: "server-encodes", open, close: model.close };
}
