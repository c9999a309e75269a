import { rleToRuns } from "@segany/masks";
import type { ApiClient } from "../api/api-client.js";
import { WORDS_FLOOR } from "../state/found-masks.js";
import { measureShape } from "../state/mask-shape.js";
import type { FoundMask } from "../state/types.js";
import type { FoundByWords } from "./types.js";

/** Words for masks by the server. */
export async function wordsOnServer(
  api: Pick<ApiClient, "predict">,
  imageId: string,
  text: string,
  { signal }: { readonly signal: AbortSignal },
): Promise<FoundByWords> {
  const {
    masks,
    text_engine,
    text_default_threshold = WORDS_FLOOR,
  } = await api.predict(imageId, { text, textThreshold: WORDS_FLOOR }, { signal });
  return {
    engine: text_engine ?? "server",
    threshold: Math.max(WORDS_FLOOR, text_default_threshold),
    masks: masks.map(
      ({ segmentation, predicted_iou, label, category, text_score }): FoundMask => ({
        ...measureShape(rleToRuns(segmentation)),
        predictedIou: predicted_iou,
        stabilityScore: null,
        points: [],
        word: { label: label ?? text, category: category ?? null, score: text_score ?? 0 },
      }),
    ),
  };
}
