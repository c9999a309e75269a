import { z } from "zod";

/** Roles in a project, the mightiest first. */
export const roleSchema = z.enum(["owner", "maintainer", "supervisor", "worker"]);

export type Role = z.infer<typeof roleSchema>;

/** Ids are UUIDs, except those of images. */
export const idSchema = z.guid();

/** Milliseconds since 1970 (UTC). */
export const timeSchema = z.int().min(0);

/** A text that both databases can store: PostgreSQL has no character 0. */
export function textSchema(maxLength: number): z.ZodType<string, string> {
  return z
    .string()
    .max(maxLength)
    .refine((text) => !text.includes("\0"), "has the character 0");
}

const nameSchema = textSchema(200);

export { nameSchema };

/** Query of a list: the page after the one whose `after` is given. */
export const pageQuery = {
  after: idSchema.optional(),
  limit: z.coerce.number().int().min(1).max(1000).default(100),
} as const;

/** A page of a list. `after` is for the next request, null at the end. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.strictObject({ items: z.array(item), after: z.string().nullable() });
}

/** What people write to each other. */
export const commentSchema = textSchema(10_000);
