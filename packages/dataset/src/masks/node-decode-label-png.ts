import { inflateSync } from "node:zlib";
import { createMaskPngDecoder } from "./decode-label-png.js";

const decoder = createMaskPngDecoder(
  (packed, maxOutputLength) => void inflateSync(packed, { maxOutputLength }),
);

/** As `MaskPngDecoder` says. */
export const decodeLabelPng = decoder.decodeLabels;

/** As `MaskPngDecoder` says. */
export const decodeMaskPng = decoder.decodePixels;
