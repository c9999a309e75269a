import { nonMaximumSuppression, type RgbaImage, throwIfAborted } from "@segany/masks";
import type { LazySession } from "@segany/runtime";
import { checkFinite } from "../../engine/check-finite.js";
import { checkImage } from "../../images/check-image.js";
import { checkThreshold } from "../check-threshold.js";
import type { GroundedObject, TextGrounder } from "../grounding.js";
import { checkWords } from "../words/check-words.js";
import { findClasses } from "../words/find-classes.js";
import { COCO_CLASSES } from "./coco-classes.js";
import { type DetectedBox, type SsdOutputs, selectBoxes } from "./ssd-boxes.js";
import { SSD_SIDE } from "./ssd-graph.js";
import { ssdPixels } from "./ssd-pixels.js";

/** The best F1 on 48 images of COCO: precision .69, recall .42 of boxes at IoU .5 (docs/results.md). */
const THRESHOLD = 0.3;

/** Of boxes that overlap by more, the most probable stays. */
const IOU_THRESHOLD = 0.5;

/** What a detector is made of. */
export interface DetectorParts {
  readonly session: LazySession;
  readonly checkpointSha256: string;
  /** Where the weights come from, for messages. */
  readonly source: string;
  /** Closes the weights. */
  readonly close: () => Promise<void>;
}

/** An engine of an open network, which it owns. The last image's boxes are kept: further words are free. */
export function createDetector({
  session,
  checkpointSha256,
  source,
  close: closeWeights,
}: DetectorParts): TextGrounder {
  let last: { readonly image: RgbaImage; readonly outputs: Promise<SsdOutputs> } | undefined;

  function outputsOf(image: RgbaImage): Promise<SsdOutputs> {
    if (last?.image === image) return last.outputs;
    const outputs = detect(session, image, source);
    last = { image, outputs };
    outputs.catch(() => {
      if (last?.outputs === outputs) last = undefined;
    });
    return outputs;
  }

  async function close(): Promise<void> {
    await session.close();
    await closeWeights();
  }

  return {
    engine: "detector",
    checkpointSha256,
    check(text) {
      findClasses(text);
      return checkWords(text);
    },
    async ground(image, text, { threshold = THRESHOLD, signal } = {}) {
      const scoreThreshold = checkThreshold(threshold);
      const phrases = (typeof text === "string" ? [text] : text).map((label) => ({
        label: checkWords(label),
        categoryIds: idsOf(findClasses(label)),
      }));
      checkImage(image);
      throwIfAborted(signal);
      const outputs = await outputsOf(image);
      throwIfAborted(signal);
      const objects = phrases.flatMap(({ label, categoryIds }) => {
        const options = { categoryIds, scoreThreshold, iouThreshold: IOU_THRESHOLD };
        return withoutDuplicates(selectBoxes(outputs, image, options)).map((box) => toObject(label, box));
      });
      return {
        engine: "detector",
        defaultThreshold: THRESHOLD,
        objects: objects.sort((a, b) => b.score - a.score),
      };
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

function idsOf(names: readonly string[]): number[] {
  return [...COCO_CLASSES].flatMap(([id, name]) => (names.includes(name) ? [id] : []));
}

async function detect(session: LazySession, image: RgbaImage, source: string): Promise<SsdOutputs> {
  const data = ssdPixels(image, SSD_SIDE);
  const feeds = { image: { dtype: "float32", shape: [1, 3, SSD_SIDE, SSD_SIDE], data } } as const;
  const { boxes, scores } = await (await session.open()).run(feeds);
  const outputs = { boxes: boxes!.data as Float32Array, scores: scores!.data as Float32Array };
  checkFinite(outputs.boxes, "a box", source);
  checkFinite(outputs.scores, "a score", source);
  return outputs;
}

/** For words that stand for several categories: the same object may be a car and a truck. */
function withoutDuplicates(boxes: readonly DetectedBox[]): DetectedBox[] {
  const kept = nonMaximumSuppression(
    boxes.map(({ boxXyxy }) => boxXyxy),
    boxes.map(({ score }) => score),
    IOU_THRESHOLD,
  );
  return kept.map((index) => boxes[index]!);
}

function toObject(label: string, { categoryId, score, boxXyxy }: DetectedBox): GroundedObject {
  return { label, category: COCO_CLASSES.get(categoryId)!, score, boxXyxy };
}
