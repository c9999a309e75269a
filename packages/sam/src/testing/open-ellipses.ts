/** For tests: the second family opened in this process, as `loadSam` opens SAM, and an image for it. */

import { writeModel } from "@segany/graph/onnx";
import type { RgbaImage } from "@segany/masks";
import { createNodeSession } from "@segany/runtime/node";
import { createLocalEngine } from "../engine/local-engine.js";
import { recogniseModel } from "../engine/model-info.js";
import { createSam, type Sam } from "../sam.js";
import { ellipseFamily, ellipseState } from "./ellipse-family.js";

export async function openEllipses(): Promise<Sam> {
  const state = ellipseState();
  const recognised = await recogniseModel(state, undefined, "fp32", { families: [ellipseFamily] });
  const engine = createLocalEngine(recognised, state, async (graph, load) =>
    createNodeSession(await writeModel(graph, load), { threads: 1 }),
  );
  return createSam(engine);
}

/** Size of {@link ellipseImage}: twice and thrice as wide and high as the input. */
export const ELLIPSE_IMAGE = { width: 96, height: 144 } as const;

/** Dark grey, with a white rectangle in the lower right: columns 72 to 95, rows 120 to 143. */
export function ellipseImage(): RgbaImage {
  const { width, height } = ELLIPSE_IMAGE;
  const data = new Uint8ClampedArray(4 * width * height).fill(51);
  for (let y = 120; y < height; y++) data.fill(255, 4 * (y * width + 72), 4 * (y + 1) * width);
  for (let i = 3; i < data.length; i += 4) data[i] = 255;
  return { width, height, data };
}
