/** For tests: what the studio knows of a published model. */
import type { ModelFrame } from "../segmentation/types.js";

export const PUBLISHED_MODEL: ModelFrame = { imageSide: 1024, fit: "pad", maskSide: 256 };
