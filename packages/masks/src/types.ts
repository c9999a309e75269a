/** Width and height in pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * An 8-bit RGBA image, row-major, alpha not multiplied into the colours. What a function returns is an
 * `RgbaImage<ArrayBuffer>`, so that `new ImageData(data, width, height)` takes it.
 */
export interface RgbaImage<Bytes extends ArrayBufferLike = ArrayBufferLike> extends Size {
  readonly data: Uint8ClampedArray<Bytes>;
}

/** A dense binary mask, row-major, one byte a pixel: 0 outside, 1 inside. */
export interface Mask {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

/**
 * A mask in memory: the lengths of its runs in column-major order, the first of pixels outside, together
 * width x height. Runs may be empty. It is a value, so `counts` is never changed in place. COCO's forms are
 * for files and messages.
 */
export interface MaskRuns extends Size {
  readonly counts: Uint32Array;
}

/**
 * Uncompressed COCO run lengths: column-major, the first run counts zeros. `size` is [height, width] as in
 * COCO's files.
 */
export interface UncompressedRle {
  readonly size: readonly [height: number, width: number];
  readonly counts: readonly number[];
}

/** Compressed COCO RLE: the same runs in COCO's printable delta coding. */
export interface Rle {
  readonly size: readonly [height: number, width: number];
  readonly counts: string;
}

/** Either form of COCO's run lengths; functions that read runs take both. */
export type AnyRle = Rle | UncompressedRle;
