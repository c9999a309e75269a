import { rleToRuns } from "@segany/masks";
import type { ImagePrompt } from "@segany/sam";
import type { PredictRequest } from "@segany/server/contract";
import type { ApiClient } from "../api/api-client.js";
import { isAbort, messageOf } from "../errors.js";
import type { Alternative } from "../state/document.js";
import { measureShape } from "../state/mask-shape.js";
import type { ModelStatus } from "../state/status.js";
import { fromBase64, toBase64 } from "./logits-base64.js";
import { everythingOnServer } from "./server-everything.js";
import { bringToServer, waitForEmbedding } from "./server-images.js";
import { wordsOnServer } from "./server-words.js";
import type { ImageSource, OpenImage, OpenOptions, PredictOptions, Segmenter } from "./types.js";

/** Everything on the server: for devices that are too weak to decode. Each click is a request. */
export function createServerSegmenter(api: ApiClient, onModel: (status: ModelStatus) => void): Segmenter {
  const controller = new AbortController();
  onModel({ state: "loading", label: "Server", done: 0, total: null });
  const model = api.model({ signal: controller.signal });
  model.then(
    ({ name, checkpointSha256: hash }) => onModel({ state: "ready", name, hash, note: null }),
    (error: unknown) => {
      if (!isAbort(error)) onModel({ state: "failed", message: messageOf(error) });
    },
  );

  async function open(source: ImageSource, options: OpenOptions): Promise<OpenImage> {
    const image = await bringToServer(api, source, options);
    await waitForEmbedding(api, image, options);
    const { imageSize, fit, maskSide, everythingThresholds: kept } = await model;
    return {
      width: image.width,
      height: image.height,
      model: { imageSide: imageSize, fit, maskSide, ...(kept && { everythingThresholds: kept }) },
      predict: (prompt, predictOptions) => predict(api, image.id, prompt, predictOptions),
      everything: (everything) => everythingOnServer(api, image.id, everything),
      words: (text, asking) => wordsOnServer(api, image.id, text, asking),
    };
  }

  return { mode: "server", open, close: async () => controller.abort() };
}

async function predict(
  api: ApiClient,
  imageId: string,
  prompt: ImagePrompt,
  { multimask, signal }: PredictOptions,
): Promise<readonly Alternative[]> {
  const { masks } = await api.predict(imageId, toRequest(prompt, multimask), { signal });
  return masks.map(({ segmentation, predicted_iou, low_res_logits }) => ({
    ...measureShape(rleToRuns(segmentation)),
    predictedIou: predicted_iou,
    lowResLogits: fromBase64(low_res_logits ?? ""),
  }));
}

function toRequest(
  { pointCoords = [], pointLabels = [], box, maskInput }: ImagePrompt,
  multimaskOutput: boolean,
): PredictRequest {
  return {
    ...(pointCoords.length > 0 && {
      pointCoords: pointCoords.map(([x, y]): [number, number] => [x, y]),
      pointLabels: pointLabels.map((label) => (label === 1 ? 1 : 0)),
    }),
    ...(box && { box: [box[0], box[1], box[2], box[3]] }),
    ...(maskInput && { maskInput: toBase64(maskInput) }),
    multimaskOutput,
    returnLowResLogits: true,
  };
}
