import type { Click, ExclusiveBoxXyxy, RgbaImage, Rle, Size } from "@segany/masks";
import { drawBoxes, drawMasks, drawPoints } from "@segany/sam";
import { readSampleImage, type SampleImage } from "../data/read-sample-image.js";
import { caseWindow, enlargeBox, enlargeImage, enlargeMask, enlargePoint } from "./case-window.js";
import type { Case, CasePanel } from "./protocol.js";

/** Green for what should be found, blue for what was. */
const TRUTH_COLOUR = [34, 160, 90] as const;
const PREDICTION_COLOUR = [30, 144, 255] as const;

/** A mask that came out; none where nothing did. */
export interface TitledPrediction {
  readonly title: string;
  readonly mask: Rle | undefined;
}

/** One object of an image: where it is, what was said, what came out. */
export interface MaskCase {
  readonly image: SampleImage;
  readonly truth: Rle;
  readonly predictions?: readonly TitledPrediction[];
  readonly clicks?: readonly Click[];
  readonly boxXyxy?: ExclusiveBoxXyxy;
}

/** Panels, of small objects enlarged: the ground truth with the prompt, and each prediction. */
export function maskPanels({
  image,
  truth,
  predictions = [],
  clicks = [],
  boxXyxy,
}: MaskCase): Case["panels"] {
  const window = caseWindow(image, truth);
  const draw = async (rle: Rle | undefined, colour: readonly [number, number, number]) => {
    const pixels = enlargeImage(image.open ? await readSampleImage(image) : blankImage(image), window);
    return rle ? drawMasks(pixels, [enlargeMask(rle, window)], { colours: [colour] }) : pixels;
  };
  const drawPrompted = async () => {
    const masked = await draw(truth, TRUTH_COLOUR);
    const boxed = boxXyxy ? drawBoxes(masked, [enlargeBox(boxXyxy, window)]) : masked;
    return drawPoints(
      boxed,
      clicks.map(({ point }) => enlargePoint(point, window)),
      clicks.map(({ label }) => label),
    );
  };
  const size = window.scale > 1 ? ` (${window.scale}x)` : "";
  return [
    { title: `ground truth${size}`, render: drawPrompted },
    ...predictions.map(
      ({ title, mask }): CasePanel => ({
        title: `${title}${size}`,
        render: () => draw(mask, PREDICTION_COLOUR),
      }),
    ),
  ];
}

/** A grey one, where a set came without its images and no model needs them. */
function blankImage({ width, height }: Size): RgbaImage {
  return { width, height, data: new Uint8ClampedArray(width * height * 4).fill(230) };
}
