import { type Rle, rleArea, rleToBoxXywh } from "@segany/masks";
import type { Provenance } from "../annotations/annotation.js";
import type { Db } from "../context.js";

/** An image of a run. */
export interface RunImage {
  readonly job: string;
  /** The image. */
  readonly id: string;
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly isDone: boolean;
  readonly isUnreadable: boolean;
}

/** Images that are read from the database at once. */
const PAGE = 200;

/** The images of a run, in the order of jobs and images in them. */
export async function* nextRunImages(db: Db, run: string): AsyncGenerator<RunImage> {
  let after = { job: "", position: -1 };
  for (;;) {
    const { job, position } = after;
    const rows = await db
      .selectFrom("stage_run_image")
      .innerJoin("job_image", (join) =>
        join
          .onRef("job_image.job_id", "=", "stage_run_image.job_id")
          .onRef("job_image.image_id", "=", "stage_run_image.image_id"),
      )
      .innerJoin("image", "image.id", "job_image.image_id")
      .select(["image.id", "image.width", "image.height", "job_image.name", "job_image.position"])
      .select(["job_image.job_id as job", "stage_run_image.masks", "stage_run_image.problem"])
      .where("run_id", "=", run)
      .where((eb) =>
        eb.or([
          eb("job_image.job_id", ">", job),
          eb.and([eb("job_image.job_id", "=", job), eb("job_image.position", ">", position)]),
        ]),
      )
      .orderBy("job_image.job_id")
      .orderBy("job_image.position")
      .limit(PAGE)
      .execute();
    for (const { masks, problem, position: _, ...image } of rows)
      yield { ...image, isDone: masks !== null, isUnreadable: problem !== null };
    const last = rows.at(-1);
    if (!last || rows.length < PAGE) return;
    after = last;
  }
}

/** The masks that a run made of an image, as it made them. */
export async function readRunMasks(db: Db, run: string, { job, id }: Pick<RunImage, "job" | "id">) {
  const rows = await db
    .selectFrom("stage_run_mask")
    .innerJoin("annotation", "annotation.id", "stage_run_mask.annotation_id")
    .innerJoin("annotation_revision", (join) =>
      join
        .onRef("annotation_revision.annotation_id", "=", "annotation.id")
        .on("annotation_revision.number", "=", 1),
    )
    .select(["annotation.id", "annotation_revision.mask_json", "annotation_revision.provenance_json"])
    .where("run_id", "=", run)
    .where("annotation.job_id", "=", job)
    .where("annotation.image_id", "=", id)
    .orderBy("annotation.id")
    .execute();
  return rows.map(({ id: annotation, mask_json, provenance_json }) => {
    const mask = JSON.parse(mask_json!) as Rle;
    const provenance = JSON.parse(provenance_json) as Provenance;
    return { annotation, mask, area: rleArea(mask), boxXywh: rleToBoxXywh(mask), provenance };
  });
}
