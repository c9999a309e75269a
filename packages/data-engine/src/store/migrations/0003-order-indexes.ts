import type { Kysely, Migration } from "kysely";

/** For what is read in an order: images by name (exports), jobs by age (lists) and by turn (the queue). */
export const orderIndexes: Migration = {
  async up(db: Kysely<unknown>) {
    await db.schema
      .createIndex("job_image_by_name")
      .on("job_image")
      .columns(["name", "image_id", "job_id"])
      .execute();
    await db.schema.createIndex("job_by_age").on("job").columns(["project_id", "id"]).execute();
    await db.schema
      .createIndex("job_by_turn")
      .on("job")
      .columns(["project_id", "stage", "state", "assignee", "rank", "id"])
      .execute();
  },
};
