import { type RgbaImage, SamError, throwIfAborted } from "@segany/masks";
import type { LazySession } from "@segany/runtime";
import { checkFinite } from "../../engine/check-finite.js";
import { checkImage } from "../../images/check-image.js";
import { checkThreshold } from "../check-threshold.js";
import type { Clip } from "../clip.js";
import type { ClipArchitecture } from "../clip-architecture.js";
import type { GroundedObject, TextGrounder } from "../grounding.js";
import { checkWords } from "../words/check-words.js";
import { type OwlPatches, owlLogits, selectOwlBoxes } from "./owl-boxes.js";
import { owlVitPixels, owlv2Pixels } from "./owl-pixels.js";

/** The published default. */
const THRESHOLD = 0.1;

/** The models find an object many times: of boxes that overlap by more, the most probable stays. */
const IOU_THRESHOLD = 0.5;

/** What words are put into before the text tower reads them. */
const TEMPLATE = "a photo of a {}";

/** OWL-ViT stretches an image to its square, OWLv2 pads it. */
export type OwlKind = "owlvit" | "owlv2";

/** What an engine is made of. */
export interface OwlParts {
  readonly kind: OwlKind;
  readonly architecture: ClipArchitecture;
  /** The text tower. */
  readonly text: Pick<Clip, "embedText" | "checkpointSha256">;
  readonly image: LazySession;
  /** File of the weights, for messages. */
  readonly source: string;
  /** Closes sessions and weights. */
  readonly close: () => Promise<void>;
}

/** An engine of an open model, which it owns. What it saw of the last image is kept for further words. */
export function createOwl(parts: OwlParts): TextGrounder {
  let last: { readonly image: RgbaImage; readonly patches: Promise<OwlPatches> } | undefined;

  function patchesOf(image: RgbaImage): Promise<OwlPatches> {
    if (last?.image === image) return last.patches;
    const patches = look(parts, image);
    last = { image, patches };
    patches.catch(() => {
      if (last?.patches === patches) last = undefined;
    });
    return patches;
  }

  return {
    engine: "owl",
    checkpointSha256: parts.text.checkpointSha256,
    check: checkWords,
    async ground(image, text, { threshold = THRESHOLD, signal } = {}) {
      checkThreshold(threshold);
      const labels = (typeof text === "string" ? [text] : text).map(checkWords);
      checkImage(image);
      throwIfAborted(signal);
      const sentences = labels.map((label) => TEMPLATE.replace("{}", () => label));
      const texts = await parts.text.embedText(sentences, signal && { signal });
      const patches = await patchesOf(image);
      throwIfAborted(signal);
      const options = { threshold, iouThreshold: IOU_THRESHOLD, frame: frameOf(parts.kind, image) };
      const objects = labels.flatMap((label, i) =>
        selectOwlBoxes(patches.boxes, owlLogits(patches, texts[i]!), image, options).map(
          (box): GroundedObject => ({ label, ...box }),
        ),
      );
      return {
        engine: "owl",
        defaultThreshold: THRESHOLD,
        objects: objects.sort((a, b) => b.score - a.score),
      };
    },
    close: parts.close,
    [Symbol.asyncDispose]: parts.close,
  };
}

/** What boxes are shares of. */
function frameOf(kind: OwlKind, { width, height }: RgbaImage) {
  const side = Math.max(width, height);
  return kind === "owlv2" ? { width: side, height: side } : { width, height };
}

/** A narrower image would be little but padding, or stretched beyond recognition. */
const MAX_ASPECT = 100;

async function look({ kind, architecture, image: session, source }: OwlParts, image: RgbaImage) {
  const { width, height } = image;
  if (Math.max(width, height) > MAX_ASPECT * Math.min(width, height))
    throw new SamError(
      "option-invalid",
      `The image is ${width} x ${height} pixels; words need one that is not more than ${MAX_ASPECT} times as long as wide.`,
    );
  const side = architecture.image.imageSize;
  const data = kind === "owlv2" ? owlv2Pixels(image, side) : owlVitPixels(image, side);
  const outputs = await (await session.open()).run({
    images: { dtype: "float32", shape: [1, 3, side, side], data },
  });
  const values = (name: string) => {
    const found = outputs[name]!.data as Float32Array;
    checkFinite(found, `a value of ${name}`, source);
    return found;
  };
  return {
    classes: values("classes"),
    shift: values("shift"),
    scale: values("scale"),
    boxes: values("boxes"),
  };
}
