/** From what the image graph says of patches to boxes of texts. */
import { type ExclusiveBoxXyxy, exclusiveBox, nonMaximumSuppression, type Size } from "@segany/masks";

/** What the image graph says of N patches of one image. */
export interface OwlPatches {
  /** NxT. */
  readonly classes: Float32Array;
  /** N each. */
  readonly shift: Float32Array;
  readonly scale: Float32Array;
  /** Nx4, (centre x, centre y, width, height) from 0 to 1. */
  readonly boxes: Float32Array;
}

/** Added to lengths that vectors are divided by. */
const EPSILON = 1e-6;

/** Logits of a text for each patch; the sigmoid of a logit is the probability of the text. */
export function owlLogits({ classes, shift, scale }: OwlPatches, text: Float32Array): Float32Array {
  const width = text.length;
  const textLength = Math.hypot(...text) + EPSILON;
  return Float32Array.from(shift, (value, patch) => {
    let product = 0;
    let square = 0;
    for (let i = 0; i < width; i++) {
      const each = classes[patch * width + i]!;
      product += each * text[i]!;
      square += each * each;
    }
    const cosine = product / ((Math.sqrt(square) + EPSILON) * textLength);
    return (cosine + value) * scale[patch]!;
  });
}

/** A box of a text. */
export interface OwlBox {
  /** Probability, 0 to 1. */
  readonly score: number;
  /** Pixels, inside the image. */
  readonly boxXyxy: ExclusiveBoxXyxy;
}

export interface SelectOwlBoxesOptions {
  /** Least probability. */
  readonly threshold: number;
  /** Of two boxes that overlap by more, the one with the lower probability is left out. */
  readonly iouThreshold: number;
  /** Width and height that boxes are shares of, pixels: those of the image, or of its padded square. */
  readonly frame: Size;
}

/** Boxes with enough probability, without duplicates; the most probable first. */
export function selectOwlBoxes(
  boxes: Float32Array,
  logits: Float32Array,
  image: Size,
  { threshold, iouThreshold, frame }: SelectOwlBoxesOptions,
): OwlBox[] {
  const candidates: OwlBox[] = [];
  logits.forEach((logit, patch) => {
    const score = 1 / (1 + Math.exp(-logit));
    const boxXyxy = inPixels(boxes.subarray(4 * patch, 4 * patch + 4), frame, image);
    const [x0, y0, x1, y1] = boxXyxy;
    if (score > threshold && x1 > x0 && y1 > y0) candidates.push({ score, boxXyxy });
  });
  const kept = nonMaximumSuppression(
    candidates.map(({ boxXyxy }) => boxXyxy),
    candidates.map(({ score }) => score),
    iouThreshold,
  );
  return kept.map((index) => candidates[index]!);
}

function inPixels(box: Float32Array, frame: Size, image: Size): ExclusiveBoxXyxy {
  const [x, y, width, height] = box as unknown as readonly [number, number, number, number];
  const at = (share: number, side: number, most: number) => Math.min(Math.max(share * side, 0), most);
  return exclusiveBox([
    at(x - width / 2, frame.width, image.width),
    at(y - height / 2, frame.height, image.height),
    at(x + width / 2, frame.width, image.width),
    at(y + height / 2, frame.height, image.height),
  ]);
}
