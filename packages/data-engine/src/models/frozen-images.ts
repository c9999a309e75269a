import { createHash } from "node:crypto";
import type { Db } from "../context.js";
import { DataEngineError } from "../errors.js";
import { acceptedMasks } from "./accepted-masks.js";

/** Share of the accepted images that are frozen, and most of them. */
const SHARE = 0.2;
const MOST_IMAGES = 200;
/** Images that a first training needs: one to measure with, and some to learn from. */
const LEAST_IMAGES = 3;

/** Rows in one statement: both databases limit the number of parameters. */
const ROWS_AT_ONCE = 200;

/**
 * Freezes images to measure models with, once in a project's life: of the accepted ones a fifth, at least one
 * and at most 200. Which, follows from the project's id and the images' hashes alone.
 *
 * @throws DataEngineError `conflict` while too few images are accepted
 */
export async function freezeImages(db: Db, now: number, project: string): Promise<void> {
  const frozen = await db
    .selectFrom("validation_image")
    .select("image_id")
    .where("project_id", "=", project)
    .limit(1)
    .execute();
  if (frozen.length > 0) return;
  const images = (await acceptedMasks(db, project).select("annotation.image_id").distinct().execute()).map(
    ({ image_id }) => image_id,
  );
  if (images.length < LEAST_IMAGES)
    throw new DataEngineError(
      "conflict",
      `${images.length} accepted images have masks; to train a model and to measure it takes at least ${LEAST_IMAGES}. Accept more jobs first.`,
    );
  const drawn = images
    .map((image) => ({ image, key: createHash("sha256").update(`${project} ${image}`).digest("hex") }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .slice(0, Math.min(MOST_IMAGES, Math.max(1, Math.round(SHARE * images.length))));
  const rows = drawn.map(({ image }) => ({ project_id: project, image_id: image, created_at: now }));
  for (let start = 0; start < rows.length; start += ROWS_AT_ONCE)
    await db
      .insertInto("validation_image")
      .values(rows.slice(start, start + ROWS_AT_ONCE))
      .execute();
}
