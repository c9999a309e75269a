import { encode } from "fast-png";
import type { LabelMap } from "./label-map.js";
import { type PaletteColour, vocPalette } from "./voc-palette.js";

/**
 * Encodes a label map: 8 bits with a palette (of Pascal VOC unless said otherwise), 16 bits as grey.
 *
 * @param palette fewer than 256 colours are filled up with VOC's; "grey" writes plain grey
 */
export function encodeLabelPng(
  map: LabelMap,
  palette: readonly PaletteColour[] | "grey" = vocPalette,
): Uint8Array {
  const { width, height, data } = map;
  const depth = data instanceof Uint16Array ? 16 : 8;
  if (depth === 16 || palette === "grey") return encode({ width, height, data, depth, channels: 1 });
  const colours = vocPalette.map((colour, number): [number, number, number] => {
    const [red, green, blue] = palette[number] ?? colour;
    return [red, green, blue];
  });
  return encode({ width, height, data, depth, channels: 1, palette: colours });
}
