/** An image of masks as other tools write it: pixels with numbers, or with colours. Row-major. */
export interface MaskPixels {
  readonly width: number;
  readonly height: number;
  /** Grey values or entries of the palette. */
  readonly numbers?: Uint8Array | Uint16Array;
  /** The colours of the entries, where there is a palette. */
  readonly palette?: readonly number[];
  /** 0xRRGGBB, where pixels have colours. */
  readonly colours?: Uint32Array;
  /** 0..255, where there is an alpha channel. */
  readonly alpha?: Uint8Array;
}

/** A colour as one number. */
export function colourNumber(red: number, green: number, blue: number): number {
  return (red << 16) | (green << 8) | blue;
}

/** "128,0,255" */
export function showColour(colour: number): string {
  return [colour >> 16, (colour >> 8) & 255, colour & 255].join(",");
}
