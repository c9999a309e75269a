/** Colours of classes that are no place in the studio's palette: projects name theirs as `#rrggbb`. */

/** Numbers from here on are a colour itself; below, a place in the palette. */
const LITERAL = 0x1000000;

/** @param hex `#rrggbb` */
export function literalColour(hex: string): number {
  return LITERAL + Number.parseInt(hex.slice(1), 16);
}

/** The colour as [red, green, blue], 0 to 255; null for a place in the palette. */
export function readLiteralColour(colour: number): readonly [number, number, number] | null {
  if (colour < LITERAL) return null;
  const value = colour - LITERAL;
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}
