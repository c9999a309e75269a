import { z } from "zod";

/** Longest side of an image, and so of a mask. */
export const MAX_SIDE = 65_535;

const side = z.int().min(1).max(MAX_SIDE);

/** Compressed COCO RLE: `size` is [height, width], the runs are column-major. */
export const rleSchema = z.strictObject({
  size: z.tuple([side, side]),
  counts: z.string().max(16_000_000),
});

/** Corner and size (x, y, width, height) in pixels of the image. */
export const boxXywhSchema = z.tuple([z.number(), z.number(), z.number(), z.number()]);

/** A position (x, y) in pixels of the image. */
export const pointSchema = z.tuple([z.number(), z.number()]);

/** A mask as in SA-1B's files. */
export const maskRecordSchema = z.strictObject({
  segmentation: rleSchema,
  area: z.number(),
  bbox: boxXywhSchema,
  predicted_iou: z.number(),
  point_coords: z.array(pointSchema),
  stability_score: z.number(),
  crop_box: boxXywhSchema,
});

/** Masks of an image, best first. */
export const maskListSchema = z.strictObject({ masks: z.array(maskRecordSchema) });

export type MaskList = z.infer<typeof maskListSchema>;

const wholeNumber = z.int().min(0);

/** A stored mask. Additional fields are preserved. */
export const keptMaskSchema = z.looseObject({
  id: wholeNumber,
  /** Identifies the object through all changes. Unique in the document, ignoring case. */
  uuid: z.guid().optional(),
  segmentation: rleSchema,
});

/** Most masks stored for one image. */
const MAX_KEPT_MASKS = 100_000;

/**
 * The masks stored for an image: the content of an SA-1B file, with additional fields preserved. The response
 * is 204 while there are none. The header `ETag` is the version.
 */
export const keptMasksSchema = z.looseObject({
  image: z.looseObject({
    image_id: wholeNumber,
    width: side,
    height: side,
    file_name: z.string().min(1).max(1024),
  }),
  annotations: z.array(keptMaskSchema).max(MAX_KEPT_MASKS),
});

/** The same before its masks are validated, and without UUIDs as in older documents. */
export const keptMasksFrameSchema = keptMasksSchema.extend({
  annotations: z.array(z.unknown()).max(MAX_KEPT_MASKS),
});

export type KeptMasks = z.infer<typeof keptMasksSchema>;

export type KeptMasksFrame = z.infer<typeof keptMasksFrameSchema>;

/** A mask to cut out of its image. */
export const cutOutRequestSchema = z.strictObject({
  segmentation: rleSchema,
  /** Transparent pixels to add on each side. */
  paddingPx: z.int().min(0).max(512).nullish(),
});

export type CutOutRequest = z.infer<typeof cutOutRequestSchema>;
