import type { Dataset, DatasetRecord, RecordsOptions, Annotation as SetAnnotation } from "@segany/dataset";
import { rleToBoxXywh, throwIfAborted } from "@segany/masks";
import { type RawBuilder, type SqlBool, sql } from "kysely";
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

/**
 * By name, each image once with all its jobs. Pages follow the index of names over all projects, so that no
 * page takes longer than the one before.
 */
async function* imagesOf(db: Db, { id }: Project, state: ExportState): AsyncGenerator<ExportedImage> {
  let last = { name: "", image_id: "", job_id: "" };
  for (;;) {
    const rows = await db
      .selectFrom("job_image")
      .select(["name", "image_id", "job_id"])
      .where(sql<boolean>`(name, image_id, job_id) > (${last.name}, ${last.image_id}, ${last.job_id})`)
      .orderBy("name")
      .orderBy("image_id")
      .orderBy("job_id")
      .limit(PAGE)
      .execute();
    const exported = await findExported(db, id, state, [...new Set(rows.map(({ image_id }) => image_id))]);
    for (const row of rows) {
      const [first, ...others] = exported.get(row.image_id) ?? [];
      if (first?.name !== row.name || first.job !== row.job_id) continue; // another project's, or there already
      const { width, height, name } = first;
      const jobs = [first, ...others].map(({ job }) => job).sort();
      yield { id: row.image_id, name, width, height, jobs };
    }
    const end = rows.at(-1);
    if (!end || rows.length < PAGE) return;
    last = end;
  }
}

/** An image in a job that is exported. */
interface ExportedUse {
  readonly job: string;
  readonly name: string;
  readonly width: number;
  readonly height: number;
}

const CONDITIONS: Readonly<Record<ExportState, RawBuilder<SqlBool>>> = {
  accepted: sql`job.stage = 'acceptance' and job_image.state = 'done'`,
  labelled: sql`job_image.state = 'done'`,
  all: sql`job_image.state <> 'skipped'`,
};

/** By image; that with the first name first. */
async function findExported(
  db: Db,
  project: string,
  state: ExportState,
  images: readonly string[],
): Promise<ReadonlyMap<string, readonly ExportedUse[]>> {
  if (images.length === 0) return new Map();
  const rows = await db
    .selectFrom("job_image")
    .innerJoin("job", "job.id", "job_image.job_id")
    .innerJoin("task", "task.id", "job.task_id")
    .innerJoin("image", "image.id", "job_image.image_id")
    .select(["job_image.image_id", "job_image.name", "job.id as job", "image.width", "image.height"])
    .where("job_image.image_id", "in", images)
    .where("job.project_id", "=", project)
    .where("job.type", "=", "annotation")
    .where("task.purpose", "=", "production")
    .where("task.deleted_at", "is", null)
    .where(CONDITIONS[state])
    .execute();
  const keyOf = ({ name, job }: ExportedUse) => `${name}\0${job}`;
  rows.sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
  const uses = new Map<string, ExportedUse[]>();
  for (const { image_id, ...use } of rows) {
    const others = uses.get(image_id);
    if (others) others.push(use);
    else uses.set(image_id, [use]);
  }
  return uses;
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
