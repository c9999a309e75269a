/**
 * Points and boxes, and what tells their kinds apart: the compiler refuses one where another is meant. Brands
 * exist in types only; at run time all of these are plain arrays. A value gets its brand where it is computed
 * or comes in, by the functions of `brands.ts` and `boxes.ts`.
 */

/** The key of brands. No value has it. */
declare const brand: unique symbol;

/** What a type has to be told from others with the same numbers in it. */
export interface Brand<Name extends string> {
  readonly [brand]: Name;
}

/** A position (x, y), in whatever frame its name or comment says. */
export type Point = readonly [x: number, y: number];

/** A position in the original image's pixels, (x, y). Pixel (0, 0) reaches from there to (1, 1). */
export type ImagePoint = Point & Brand<"image point">;

/** A position in the model's padded input frame, (x, y). */
export type ModelPoint = Point & Brand<"model point">;

/** The first and the last corner of a box, of whatever form its name or comment says. */
export type BoxXyxy = readonly [x0: number, y0: number, x1: number, y1: number];

/**
 * From the first column and row to the last, which are in the box: the tight box of a mask in Meta's
 * repository.
 */
export type InclusiveBoxXyxy = BoxXyxy & Brand<"inclusive box">;

/**
 * From where a box begins to where it ends, so that it is x1 - x0 wide: crops, and the boxes of prompts.
 * Image frame.
 */
export type ExclusiveBoxXyxy = BoxXyxy & Brand<"exclusive box">;

/** Corners in the model's padded input frame, from where the box begins to where it ends. */
export type ModelBoxXyxy = BoxXyxy & Brand<"model box">;

/** Corner and size of a box, of whatever form its name or comment says. */
export type BoxXywh = readonly [x: number, y: number, width: number, height: number];

/** As many pixels wide and high as it has columns and rows: boxes of COCO's files and of the COCO tools. */
export type CocoBoxXywh = BoxXywh & Brand<"COCO box">;

/** One less wide and high than it has columns and rows: boxes that Meta's generator writes. */
export type MetaBoxXywh = BoxXywh & Brand<"Meta box">;

/** A branded array, or a plain one, which is taken for one; none of another brand. What users pass. */
export type Accepts<T extends Brand<string>> = (T extends Point ? Point : BoxXyxy) &
  Partial<Brand<T[typeof brand]>>;
