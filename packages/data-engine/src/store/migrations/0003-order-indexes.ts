import type { Kysely, Migration } from "kysely";

/** For exports, which read images by name in pages. */
export const orderIndexes: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createIndex("job_image_by_name")
      .on("job_image")
      .columns(["name", "image_id", "job_id"])
      .execute();
  },
};
