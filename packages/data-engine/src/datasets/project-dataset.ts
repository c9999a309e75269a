import type { Dataset, DatasetRecord, RecordsOptions, Annotation as SetAnnotation } from "@segany/dataset";
import { rleToBoxXywh, throwIfAborted } from "@segany/masks";
import { sql } from "kysely";
import type { Annotation } from "../annotations/annotation.js";
import { listAnnotations } from "../annotations/annotations.js";
import type { Context, Db } from "../context.js";
import type { Project } from "../projects/project.js";
import { getProject } from "../projects/projects.js";

/** Which images of a project are exported: those of accepted jobs, those that are labelled, or all. */
export type ExportState = "accepted" | "labelled" | "all";

export interface ProjectDatasetOptions {
  /** "accepted" by default. */
  readonly state?: ExportState;
  /** Reads an image's file; without it the data set has no pixels. */
  readonly readImage?: (id: string) => Promise<Uint8Array>;
}

/** Images that are read from the database at once. */
const PAGE = 200;

/**
 * A project's masks as a data set, which every format can be written from. Images come one at a time.
 *
 * @throws DataEngineError `not-found`
 */
export async function projectDataset(
  { db }: Context,
  id: string,
  { state = "accepted", readImage }: ProjectDatasetOptions = {},
): Promise<Dataset> {
  const project = await getProject(db, id);
  const classes = new Map(project.classes.map(({ name }, i) => [name, i + 1]));
  return {
    name: project.name,
    format: "segany",
    categories: [...classes].map(([name, number]) => ({ id: number, name })),
    async *records({ signal, onProgress }: RecordsOptions = {}) {
      const progress = { images: 0, annotations: 0 };
      for await (const image of imagesOf(db, project, state)) {
        throwIfAborted(signal);
        const found = await masksOf(db, image.jobs, image.id);
        const annotations = found.map((each, i) =>
          toSetAnnotation(each, progress.annotations + i + 1, classes),
        );
        const { id: imageId, name: fileName, width, height } = image;
        const record: DatasetRecord = {
          image: {
            ...{ id: progress.images + 1, fileName, width, height },
            ...(readImage && { open: () => readImage(imageId) }),
          },
          annotations,
        };
        yield record;
        progress.images++;
        progress.annotations += annotations.length;
        onProgress?.({ ...progress });
      }
    },
  };
}

async function masksOf(db: Db, jobs: readonly string[], image: string): Promise<readonly Annotation[]> {
  const lists = await Promise.all(jobs.map((job) => listAnnotations(db, job, image)));
  return lists.flat();
}

interface ExportedImage {
  readonly id: string;
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly jobs: readonly string[];
}

/** By name, each image once with all its jobs. */
async function* imagesOf(db: Db, { id }: Project, state: ExportState): AsyncGenerator<ExportedImage> {
  const conditions = {
    accepted: sql<boolean>`job.stage = 'acceptance' and job_image.state = 'done'`,
    labelled: sql<boolean>`job_image.state = 'done'`,
    all: sql<boolean>`job_image.state <> 'skipped'`,
  };
  let last = { name: "", id: "" };
  for (;;) {
    const rows = await db
      .selectFrom("job_image")
      .innerJoin("job", "job.id", "job_image.job_id")
      .innerJoin("task", "task.id", "job.task_id")
      .innerJoin("image", "image.id", "job_image.image_id")
      .select(["image.id", "image.width", "image.height"])
      .select((eb) => eb.fn.min<string>("job_image.name").as("name"))
      .select(sql<string>`string_agg(job.id, ',')`.as("jobs"))
      .where("job.project_id", "=", id)
      .where("job.type", "=", "annotation")
      .where("task.purpose", "=", "production")
      .where("task.deleted_at", "is", null)
      .where(conditions[state])
      .groupBy(["image.id", "image.width", "image.height"])
      .having(sql<boolean>`(min(job_image.name), image.id) > (${last.name}, ${last.id})`)
      .orderBy(sql`min(job_image.name)`)
      .orderBy("image.id")
      .limit(PAGE)
      .execute();
    for (const row of rows) yield { ...row, jobs: row.jobs.split(",").sort() };
    const end = rows.at(-1);
    if (!end || rows.length < PAGE) return;
    last = end;
  }
}

function toSetAnnotation(
  { id, mask, className, area, source, revision }: Annotation,
  number: number,
  classes: ReadonlyMap<string, number>,
): SetAnnotation {
  const categoryId = className === null ? undefined : classes.get(className);
  return {
    ...{ id: number, segmentation: mask, bboxXywh: rleToBoxXywh(mask), area, isCrowd: false },
    ...(categoryId !== undefined && { categoryId }),
    extra: { uuid: id, revision, source },
  };
}
