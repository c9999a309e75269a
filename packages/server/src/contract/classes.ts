import { z } from "zod";

/** Most classes of the list. */
const MAX_CLASSES = 10_000;

const classIdSchema = z.guid();

/** A class that masks can have: a mask names it by its `id`, in the field `class_id`. */
const objectClassSchema = z.strictObject({
  /** Unique in the list, ignoring case. */
  id: classIdSchema,
  name: z.string().min(1).max(200),
  /** A number for the client's palette. */
  colour: z.int().min(0),
  /** Ids of classes that were merged into this one. */
  merged_ids: z.array(classIdSchema).max(MAX_CLASSES),
});

/**
 * The classes of all images, in their order. The response is 204 while there is no list. The header `ETag` is
 * the version.
 */
export const classListSchema = z.strictObject({ classes: z.array(objectClassSchema).max(MAX_CLASSES) });

export type KeptClasses = z.infer<typeof classListSchema>;
