/** Width and height in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** An 8-bit RGBA image, row-major, alpha not multiplied into the colours. */
export interface RgbaImage extends Size {
  readonly data: Uint8ClampedArray;
}

/** Positions in the original image's pixels, (x, y). */
export type ImagePoint = readonly [x: number, y: number] & { readonly frame?: "image" };

/** Positions in the model's 1024-pixel padded input frame, (x, y). */
export type ModelPoint = readonly [x: number, y: number] & { readonly frame?: "model" };
