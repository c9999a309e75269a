import type { Context, Db } from "../context.js";
import { DataEngineError } from "../errors.js";
import { type JobObject, jobOf, type ObjectKind, projectOf } from "./project-of.js";
import { isAtLeast, ROLES, type Role } from "./roles.js";

/** Who asks. */
export interface Actor {
  readonly id: string;
  readonly administrator: boolean;
}

/** What a person is in the project that an object belongs to. */
export interface Standing {
  /** null for work of no project. */
  readonly project: string | null;
  readonly role: Role;
}

/** Who may do what in which project. An administrator is an owner of every project. */
export interface Access {
  /**
   * The person's role in the project that the object belongs to.
   *
   * @throws DataEngineError `not-found` if there is no such object, or the person is no member of its
   *   project: the two can't be told apart. A deleted project and what is in it exist for its owners only
   */
  standing(actor: Actor, kind: ObjectKind, id: string): Promise<Standing>;
  /** As `standing`. @throws DataEngineError `forbidden` if the role is less, `not-found` */
  require(actor: Actor, kind: ObjectKind, id: string, least: Role): Promise<Standing>;
  /**
   * As `require`, and also lets through who works on the object's job: its assignee, its annotator and its
   * reviewer. What others label stays hidden from workers, so that replicas are blind.
   */
  requireParticipant(actor: Actor, kind: JobObject, id: string, orLeast: Role): Promise<Standing>;
  /**
   * Whether the person may see an image: administrators all, others those in jobs of their projects, and
   * those that are in no job.
   */
  maySeeImage(actor: Actor, image: string): Promise<boolean>;
  /** Of these images, those that the person may see. */
  visibleImages(actor: Actor, images: readonly string[]): Promise<ReadonlySet<string>>;
  /** Whether the image is in any job, so that it can't be deleted. */
  isImageUsed(image: string): Promise<boolean>;
}

export function createAccess({ db }: Context): Access {
  const access: Access = {
    async standing(actor, kind, id) {
      const project = await projectOf(db, kind, id);
      const role = project === undefined ? undefined : await roleIn(db, actor, project);
      const isHidden = project && role !== "owner" && (await isDeleted(db, project));
      if (project !== undefined && role !== undefined && !isHidden) return { project, role };
      throw new DataEngineError("not-found", `There is no ${kind} ${id.slice(0, 40)}, or not for you.`);
    },
    async require(actor, kind, id, least) {
      const standing = await access.standing(actor, kind, id);
      if (isAtLeast(standing.role, least)) return standing;
      throw new DataEngineError(
        "forbidden",
        `You are a ${standing.role} of this project; a ${least} may do this.`,
      );
    },
    async requireParticipant(actor, kind, id, orLeast) {
      const standing = await access.standing(actor, kind, id);
      if (isAtLeast(standing.role, orLeast) || (await isParticipant(db, actor, kind, id))) return standing;
      throw new DataEngineError("forbidden", "This is another person's job.");
    },
    async maySeeImage(actor, image) {
      return (await access.visibleImages(actor, [image])).has(image);
    },
    async visibleImages(actor, images) {
      if (actor.administrator) return new Set(images);
      const visible = new Set<string>();
      for (let start = 0; start < images.length; start += IDS_A_QUERY)
        for (const image of await findVisible(db, actor, images.slice(start, start + IDS_A_QUERY)))
          visible.add(image);
      return visible;
    },
    async isImageUsed(image) {
      const used = await db
        .selectFrom("job_image")
        .select("job_id")
        .where("image_id", "=", image)
        .limit(1)
        .execute();
      return used.length > 0;
    },
  };
  return access;
}

/** Parameters of one statement. */
const IDS_A_QUERY = 500;

/**
 * The person's role in a project, undefined for none.
 *
 * @param project null for what belongs to no project, which is for administrators
 */
export async function roleIn(db: Db, actor: Actor, project: string | null): Promise<Role | undefined> {
  if (actor.administrator) return "owner";
  if (project === null) return undefined;
  const row = await db
    .selectFrom("member")
    .select("role")
    .where("project_id", "=", project)
    .where("person_id", "=", actor.id)
    .executeTakeFirst();
  return ROLES.find((role) => role === row?.role);
}

async function isDeleted(db: Db, project: string): Promise<boolean> {
  const row = await db
    .selectFrom("project")
    .select("deleted_at")
    .where("id", "=", project)
    .executeTakeFirst();
  return row?.deleted_at !== null;
}

async function isParticipant(db: Db, actor: Actor, kind: JobObject, id: string): Promise<boolean> {
  const job = await jobOf(db, kind, id);
  const row = await db
    .selectFrom("job")
    .select(["assignee", "annotator", "reviewer"])
    .where("id", "=", job ?? "")
    .executeTakeFirst();
  return row !== undefined && [row.assignee, row.annotator, row.reviewer].includes(actor.id);
}

async function findVisible(db: Db, actor: Actor, images: readonly string[]): Promise<readonly string[]> {
  const uses = db
    .selectFrom("job_image")
    .innerJoin("job", "job.id", "job_image.job_id")
    .leftJoin("member", (join) =>
      join.onRef("member.project_id", "=", "job.project_id").on("member.person_id", "=", actor.id),
    )
    .where("job_image.image_id", "in", images);
  const inJobs = await uses
    .select(["job_image.image_id", (eb) => eb.fn.max("member.role").as("role")])
    .groupBy("job_image.image_id")
    .execute();
  const hidden = new Set(inJobs.filter(({ role }) => role === null).map(({ image_id }) => image_id));
  return images.filter((image) => !hidden.has(image));
}
