import { type MaskRuns, type Rle, rleToRuns } from "@segany/masks";
import type { Provenance } from "../annotations/annotation.js";
import type { Db } from "../context.js";

/** A mask with how it was made, and what became of it. */
export interface MadeMask {
  /** Who made it. */
  readonly person: string;
  readonly source: string;
  /** Name and hash of the model; "" without one. */
  readonly model: string;
  /** The job's stage when it was made. */
  readonly stage: string;
  /** Its class now; "" without one. */
  readonly className: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** Changes by others than who made it. */
  readonly corrections: number;
  readonly isDeleted: boolean;
}

/** @param limit of them, in no order that says anything: a sample where there are more */
export async function readReviewedMasks(
  db: Db,
  project: string,
  limit: number,
): Promise<{ readonly masks: readonly MadeMask[]; readonly isSample: boolean }> {
  const some = db
    .selectFrom("annotation")
    .selectAll()
    .where("project_id", "=", project)
    .orderBy("id", "desc")
    .limit(limit + 1);
  const rows = await madeMasks(db)
    .innerJoin(some.as("some"), "some.id", "annotation.id")
    .innerJoin("job", "job.id", "annotation.job_id")
    .select("job.stage as job_stage")
    .select("job.type as job_type")
    .execute();
  const reviewed = rows.filter((row) => row.job_stage === "acceptance" && row.job_type === "annotation");
  return { masks: reviewed.slice(0, limit).map(toMadeMask), isSample: rows.length > limit };
}

/** Present masks of an image in a job, with their pixels. */
export async function readImageMasks(
  db: Db,
  job: string,
  image: string,
): Promise<readonly (MadeMask & { readonly runs: MaskRuns })[]> {
  const rows = await madeMasks(db)
    .innerJoin("annotation_revision as last", (join) =>
      join.onRef("last.annotation_id", "=", "annotation.id").onRef("last.number", "=", "annotation.revision"),
    )
    .select("last.mask_json")
    .where("annotation.job_id", "=", job)
    .where("annotation.image_id", "=", image)
    .where("annotation.deleted_at", "is", null)
    .orderBy("annotation.id")
    .execute();
  return rows.map((row) => ({ ...toMadeMask(row), runs: rleToRuns(JSON.parse(row.mask_json!) as Rle) }));
}

function madeMasks(db: Db) {
  return db
    .selectFrom("annotation")
    .innerJoin("annotation_revision as first", (join) =>
      join.onRef("first.annotation_id", "=", "annotation.id").on("first.number", "=", 1),
    )
    .select(["annotation.class_name", "annotation.deleted_at"])
    .select(["first.author", "first.stage", "first.created_at", "first.provenance_json"])
    .select((eb) =>
      eb
        .selectFrom("annotation_revision as other")
        .whereRef("other.annotation_id", "=", "annotation.id")
        .whereRef("other.author", "!=", "first.author")
        .select((count) => count.fn.countAll<number>().as("count"))
        .as("corrections"),
    );
}

type Row = Awaited<ReturnType<ReturnType<typeof madeMasks>["execute"]>>[number];

function toMadeMask(row: Row): MadeMask {
  const { source = "manual", model } = JSON.parse(row.provenance_json) as Partial<Provenance>;
  return {
    ...{ person: row.author, source, model: model ? `${model.name} ${model.hash}` : "" },
    ...{ stage: row.stage, className: row.class_name ?? "", createdAt: row.created_at },
    ...{ corrections: row.corrections ?? 0, isDeleted: row.deleted_at !== null },
  };
}
