/** An opaque colour, 0..255 each. */
export type PaletteColour = readonly [red: number, green: number, blue: number];

/**
 * The 256 colours of Pascal VOC's segmentation PNGs: number 0 black, 1 dark red, …, 255 (void) cream. The
 * bits of a number go in turn to red, green and blue, from their highest bit down (`VOClabelcolormap` of the
 * VOC development kit).
 */
export const vocPalette: readonly PaletteColour[] = Array.from({ length: 256 }, (_, number) =>
  colourOf(number),
);

function colourOf(number: number): PaletteColour {
  const colour: [number, number, number] = [0, 0, 0];
  for (let bit = 7, rest = number; bit >= 0; bit--, rest >>= 3) {
    for (let channel = 0; channel < 3; channel++) colour[channel]! |= ((rest >> channel) & 1) << bit;
  }
  return colour;
}
