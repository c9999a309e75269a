import type { Rle } from "@segany/masks";
import type { Db } from "../context.js";
import { DataEngineError } from "../errors.js";
import type { Project } from "../projects/project.js";
import { addToStatistics, type StatisticsChange } from "../statistics/add-to-statistics.js";
import type { AnnotationRevisionTable, AnnotationTable, ImageTable } from "../store/schema.js";
import type { Job } from "../work/job.js";
import type { AnnotationChange, ChangeResult, Provenance } from "./annotation.js";
import { checkClass, readMask, toJson } from "./read-change.js";
import { workSpent } from "./work-time.js";

/** Where a change is made, by whom and when. */
export interface Place {
  readonly job: Job;
  readonly project: Project;
  readonly image: ImageTable;
  readonly person: string;
  readonly now: number;
}

/**
 * Stores each change as its object's next revision, unless it was stored before or the object was changed
 * since. The sums of statistics change in the same transaction.
 *
 * @throws DataEngineError `invalid`, `not-found`
 */
export async function storeChanges(
  db: Db,
  place: Place,
  changes: readonly AnnotationChange[],
): Promise<readonly ChangeResult[]> {
  const results: ChangeResult[] = [];
  const sums: StatisticsChange[] = [];
  for (const change of changes) {
    const stored = await storeChange(db, place, change);
    results.push(stored.result);
    if (stored.sums) sums.push(stored.sums);
  }
  // In one order everywhere, so that two transactions don't wait for each other.
  sums.sort((a, b) => (sumKey(a) < sumKey(b) ? -1 : 1));
  for (const each of sums) await addToStatistics(db, each);
  return results;
}

/** Stores a change that statistics don't count: a copy. */
export async function storeUncounted(db: Db, place: Place, change: AnnotationChange): Promise<void> {
  await storeChange(db, place, change);
}

const sumKey = ({ source, model, className }: StatisticsChange) => JSON.stringify([source, model, className]);

interface Stored {
  readonly result: ChangeResult;
  /** What the change adds to statistics, if it was stored now. */
  readonly sums?: StatisticsChange;
}

async function storeChange(db: Db, place: Place, change: AnnotationChange): Promise<Stored> {
  const stored = await findChange(db, change);
  if (stored) return { result: resultOf(change, "saved", stored.number) };
  const current = await findAnnotation(db, place, change.annotation);
  if ((current?.revision ?? 0) !== change.base)
    return { result: resultOf(change, "conflict", current?.revision ?? 0) };
  const content = await contentOf(db, place, current, change);
  const number = change.base + 1;
  const provenance = JSON.parse(content.provenance_json) as Provenance;
  const source = provenance.source ?? current?.source ?? "manual";
  await storePresent(db, place, change.annotation, current, { ...content, revision: number, source });
  const { area: _, ...row } = content;
  const revision: AnnotationRevisionTable = {
    ...{ annotation_id: change.annotation, number, change_id: change.change, ...row },
    ...{ author: place.person, stage: place.job.stage, created_at: place.now },
  };
  await db.insertInto("annotation_revision").values(revision).execute();
  return {
    result: resultOf(change, "saved", number),
    sums: {
      ...{ project: place.project.id, at: place.now, person: place.person, source, stage: place.job.stage },
      model: provenance.model ? `${provenance.model.name} ${provenance.model.hash}` : "",
      className: content.class_name,
      masks: content.kind === "create" ? 1 : 0,
      edits: content.kind === "edit" || content.kind === "restore" ? 1 : 0,
      deletions: content.kind === "delete" ? 1 : content.kind === "restore" ? -1 : 0,
      clicks: content.clicks,
      activeMs: content.active_ms,
    },
  };
}

/** Stores what the object is now, for lists. */
async function storePresent(
  db: Db,
  place: Place,
  id: string,
  current: AnnotationTable | undefined,
  content: Content & { readonly revision: number; readonly source: string },
): Promise<void> {
  const { revision, source, kind, class_name, area } = content;
  const confidence = await confidenceOf(db, current, content);
  const present = {
    revision,
    class_name,
    area,
    source,
    confidence,
    deleted_at: kind === "delete" ? place.now : null,
  };
  if (current) {
    await db.updateTable("annotation").set(present).where("id", "=", current.id).execute();
    return;
  }
  const { project, job, image, now } = place;
  await db
    .insertInto("annotation")
    .values({
      ...{ id, project_id: project.id, job_id: job.id, image_id: image.id, created_at: now },
      ...present,
    })
    .execute();
}

/** Of the mask as the machine made it: it stays while others change the rest, and goes with the mask. */
async function confidenceOf(
  db: Db,
  current: AnnotationTable | undefined,
  { kind, mask_json, provenance_json }: Content,
): Promise<number | null> {
  const given = (JSON.parse(provenance_json) as Provenance).scores?.confidence;
  if (typeof given === "number" && given >= 0 && given <= 1) return given;
  if (kind !== "edit" || !current || current.confidence === null) return null;
  const before = await db
    .selectFrom("annotation_revision")
    .select("mask_json")
    .where("annotation_id", "=", current.id)
    .where("number", "=", current.revision)
    .executeTakeFirstOrThrow();
  return before.mask_json === mask_json ? current.confidence : null;
}

const resultOf = (
  { change, annotation }: AnnotationChange,
  what: ChangeResult["result"],
  revision: number,
): ChangeResult => ({ change, annotation, result: what, revision });

/** @throws DataEngineError `invalid` if another object's change has this id */
async function findChange(db: Db, { change, annotation }: AnnotationChange) {
  const row = await db
    .selectFrom("annotation_revision")
    .select(["annotation_id", "number"])
    .where("change_id", "=", change)
    .executeTakeFirst();
  if (row && row.annotation_id !== annotation)
    throw new DataEngineError("invalid", `The change ${change} was made on another object; use a new id.`);
  return row;
}

/** @throws DataEngineError `invalid` if the object is of another job or image */
async function findAnnotation(
  db: Db,
  { job, image }: Place,
  id: string,
): Promise<AnnotationTable | undefined> {
  const row = await db.selectFrom("annotation").selectAll().where("id", "=", id).executeTakeFirst();
  if (row && (row.job_id !== job.id || row.image_id !== image.id))
    throw new DataEngineError("invalid", `The object ${id} is of another image or job; use a new id.`);
  return row;
}

type Content = Pick<
  AnnotationRevisionTable,
  "kind" | "mask_json" | "class_name" | "attributes_json" | "provenance_json" | "clicks" | "active_ms"
> & { readonly area: number };

async function contentOf(
  db: Db,
  place: Place,
  current: AnnotationTable | undefined,
  change: AnnotationChange,
): Promise<Content> {
  if (change.kind === "put") return put(place, current, change);
  if (!current) throw new DataEngineError("not-found", `There is no object ${change.annotation}.`);
  if (change.kind === "restore") return restored(db, current, change.revision);
  const provenance = change.provenance ?? { source: current.source as Provenance["source"] };
  const { clicks, activeMs } = workSpent(provenance.events ?? [], place.project.settings.idleMs);
  return {
    ...{ kind: "delete", mask_json: null, class_name: current.class_name, attributes_json: "{}", area: 0 },
    ...{ provenance_json: toJson(provenance, "The provenance"), clicks, active_ms: activeMs },
  };
}

function put(
  { project, image }: Place,
  current: AnnotationTable | undefined,
  change: AnnotationChange & { readonly kind: "put" },
): Content {
  const { rle, area } = readMask(change.mask, image, `The mask of ${change.annotation}`);
  const { clicks, activeMs } = workSpent(change.provenance.events ?? [], project.settings.idleMs);
  return {
    kind: current ? "edit" : "create",
    mask_json: JSON.stringify(rle),
    class_name: checkClass(change.className ?? null, project),
    attributes_json: toJson(change.attributes ?? {}, "The attributes"),
    provenance_json: toJson(change.provenance, "The provenance"),
    clicks,
    active_ms: activeMs,
    area,
  };
}

async function restored(db: Db, { id, source }: AnnotationTable, number: number): Promise<Content> {
  const row = await db
    .selectFrom("annotation_revision")
    .selectAll()
    .where("annotation_id", "=", id)
    .where("number", "=", number)
    .executeTakeFirst();
  if (row?.mask_json == null)
    throw new DataEngineError("not-found", `The object ${id} has no mask in revision ${number}.`);
  const rle = JSON.parse(row.mask_json) as Rle;
  const { area } = readMask(rle, { height: rle.size[0], width: rle.size[1] }, `Revision ${number}`);
  const provenance = { ...(JSON.parse(row.provenance_json) as Provenance), restoredFrom: number };
  return {
    ...{ kind: "restore", mask_json: row.mask_json, class_name: row.class_name, area },
    ...{ attributes_json: row.attributes_json, clicks: 0, active_ms: 0 },
    provenance_json: toJson({ ...provenance, source: provenance.source ?? source }, "The provenance"),
  };
}
