import { audit } from "../audit.js";
import type { Context, Db } from "../context.js";
import { DataEngineError } from "../errors.js";
import { newId } from "../store/ids.js";
import type { ProjectTable } from "../store/schema.js";
import {
  checkClasses,
  checkName,
  checkSettings,
  DEFAULT_SETTINGS,
  type Project,
  type ProjectClass,
  type ProjectSettings,
} from "./project.js";

/** What can be changed of a project; what is absent stays. */
export interface ProjectChange {
  readonly name?: string;
  readonly classes?: readonly ProjectClass[];
  readonly settings?: Partial<ProjectSettings>;
}

/** Projects: created, listed, changed, deleted and restored. */
export interface Projects {
  /** The creator becomes its owner. @throws DataEngineError `invalid` */
  create(person: string, project: ProjectChange & { readonly name: string }): Promise<Project>;
  /** @throws DataEngineError `not-found` also for a deleted one */
  get(id: string): Promise<Project>;
  /** Oldest first; only those of a member, if one is named, and after the id of the last one seen. */
  list(options?: {
    readonly member?: string;
    readonly after?: string;
    readonly limit?: number;
  }): Promise<readonly Project[]>;
  /**
   * @param version the one that the change was made on
   * @throws DataEngineError `conflict` if it was changed since, `invalid`, `not-found`
   */
  update(person: string, id: string, version: number, change: ProjectChange): Promise<Project>;
  /** Hides the project; nothing of it is lost. @throws DataEngineError `not-found` */
  delete(person: string, id: string): Promise<void>;
  /** @throws DataEngineError `not-found` */
  restore(person: string, id: string): Promise<Project>;
}

export function createProjects(context: Context): Projects {
  const { db, now } = context;
  return {
    async create(person, { name, classes = [], settings = {} }) {
      const row = {
        id: newId(now()),
        name: checkName(name, "The project"),
        classes_json: JSON.stringify(checkClasses(classes)),
        settings_json: JSON.stringify(checkSettings({ ...DEFAULT_SETTINGS, ...settings })),
        ...{ version: 1, created_at: now(), deleted_at: null },
      };
      await db.transaction().execute(async (trx) => {
        await trx.insertInto("project").values(row).execute();
        await trx
          .insertInto("member")
          .values({ project_id: row.id, person_id: person, role: "owner" })
          .execute();
        await audit(trx, now(), { ...entryOf(row.id, person, "create"), details: { name: row.name } });
      });
      return toProject(row);
    },
    get: (id) => getProject(db, id),
    async list({ member, after = "", limit = 100 } = {}) {
      let query = db.selectFrom("project").selectAll("project").where("deleted_at", "is", null);
      if (member !== undefined)
        query = query.where("id", "in", (eb) =>
          eb.selectFrom("member").select("project_id").where("person_id", "=", member),
        );
      return (await query.where("id", ">", after).orderBy("id").limit(limit).execute()).map(toProject);
    },
    update: (person, id, version, change) =>
      db.transaction().execute((trx) => updateProject(trx, now(), person, { id, version, change })),
    delete: (person, id) => setDeleted(context, person, id, now()),
    async restore(person, id) {
      await setDeleted(context, person, id, null);
      return getProject(db, id);
    },
  };
}

async function updateProject(
  trx: Db,
  now: number,
  person: string,
  { id, version, change }: { id: string; version: number; change: ProjectChange },
): Promise<Project> {
  const before = await getProject(trx, id);
  const after = { ...changed(before, change), version: version + 1 };
  const { numUpdatedRows } = await trx
    .updateTable("project")
    .set({
      name: after.name,
      classes_json: JSON.stringify(after.classes),
      settings_json: JSON.stringify(after.settings),
      version: after.version,
    })
    .where("id", "=", id)
    .where("version", "=", version)
    .executeTakeFirst();
  if (numUpdatedRows === 0n)
    throw new DataEngineError(
      "conflict",
      `The project was changed since: it has version ${before.version}, not ${version}. Load it again.`,
    );
  await audit(trx, now, { ...entryOf(id, person, "update"), details: { ...change } });
  return after;
}

async function setDeleted(
  { db, now }: Context,
  person: string,
  id: string,
  at: number | null,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const { numUpdatedRows } = await trx
      .updateTable("project")
      .set({ deleted_at: at })
      .where("id", "=", id)
      .where("deleted_at", at === null ? "is not" : "is", null)
      .executeTakeFirst();
    if (numUpdatedRows === 0n) throw noProject(id);
    await audit(trx, now(), entryOf(id, person, at === null ? "restore" : "delete"));
  });
}

function changed(project: Project, { name, classes, settings }: ProjectChange): Project {
  return {
    ...project,
    ...(name !== undefined && { name: checkName(name, "The project") }),
    ...(classes && { classes: checkClasses(classes) }),
    settings: checkSettings({ ...project.settings, ...settings }),
  };
}

/** @throws DataEngineError `not-found` also for a deleted one */
export async function getProject(db: Db, id: string): Promise<Project> {
  const row = await db
    .selectFrom("project")
    .selectAll()
    .where("id", "=", id)
    .where("deleted_at", "is", null)
    .executeTakeFirst();
  if (!row) throw noProject(id);
  return toProject(row);
}

const noProject = (id: string) => new DataEngineError("not-found", `There is no project ${id}.`);

const entryOf = (id: string, person: string, verb: string) => ({
  person,
  event: `${verb}:project`,
  project: id,
  object: id,
});

function toProject(row: ProjectTable): Project {
  return {
    id: row.id,
    name: row.name,
    classes: JSON.parse(row.classes_json) as ProjectClass[],
    settings: { ...DEFAULT_SETTINGS, ...(JSON.parse(row.settings_json) as Partial<ProjectSettings>) },
    version: row.version,
    createdAt: row.created_at,
  };
}
