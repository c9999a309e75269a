import type { DatasetImage } from "@segany/dataset";
import {
  type BoxXyxy,
  type Click,
  decodeRle,
  drawBoxes,
  drawMasks,
  drawPoints,
  type RgbaImage,
  type Rle,
} from "@segany/sam";
import { readSampleImage } from "../data/read-sample-image.js";
import type { Case } from "./protocol.js";

/** Green for what should be found, blue for what was. */
const TRUTH_COLOUR = [34, 160, 90] as const;
const PREDICTION_COLOUR = [30, 144, 255] as const;

/** One object of an image: where it is, what was said, what came out. */
export interface MaskCase {
  readonly image: DatasetImage;
  readonly truth: Rle;
  readonly prediction?: Rle | undefined;
  readonly clicks?: readonly Click[];
  readonly boxXyxy?: BoxXyxy;
}

/** Two pictures: the ground truth with the prompt, and the prediction. */
export function maskPanels({ image, truth, prediction, clicks = [], boxXyxy }: MaskCase): Case["panels"] {
  const draw = async (
    rle: Rle | undefined,
    colour: readonly [number, number, number],
    isPrompted: boolean,
  ) => {
    const pixels = image.open ? await readSampleImage(image) : blankImage(image);
    const masked = rle ? drawMasks(pixels, [decodeRle(rle)], { colours: [colour] }) : pixels;
    if (!isPrompted) return masked;
    const boxed = boxXyxy ? drawBoxes(masked, [boxXyxy]) : masked;
    return drawPoints(
      boxed,
      clicks.map(({ point }) => point),
      clicks.map(({ label }) => label),
    );
  };
  return [
    { title: "ground truth", render: () => draw(truth, TRUTH_COLOUR, true) },
    { title: "prediction", render: () => draw(prediction, PREDICTION_COLOUR, false) },
  ];
}

/** A grey one, where a set came without its pictures and no model needs them. */
function blankImage({ width, height }: DatasetImage): RgbaImage {
  return { width, height, data: new Uint8ClampedArray(width * height * 4).fill(230) };
}
