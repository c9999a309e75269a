import { z } from "zod";
import { imageIdSchema } from "../images.js";
import type { EngineRoute } from "./route.js";
import { idSchema, nameSchema, pageOf, pageQuery, textSchema, timeSchema } from "./values.js";

const classSchema = z.strictObject({
  name: nameSchema,
  /** `#rrggbb`. */
  colour: z.string().regex(/^#[0-9a-fA-F]{6}$/),
  attributes: z.array(nameSchema).max(100),
});

const settingsSchema = z.strictObject({
  /** Whether a reviewer accepts each job; without it a completed job is accepted. */
  review: z.boolean(),
  /** IoU from which two masks are of the same object: in consensus, and against ground truth. */
  agreementIou: z.number(),
  /** Milliseconds until a lock without a heartbeat expires. */
  lockMs: z.number(),
  /** Pauses longer than this many milliseconds aren't counted as work. */
  idleMs: z.number(),
  /** Mean IoU to ground truth that lets an annotator pass a training task. */
  trainingAccuracy: z.number(),
  /** Accepted masks after which the model is trained again by itself; 0: never. */
  retrainEvery: z.number(),
});

const projectSchema = z.strictObject({
  id: idSchema,
  name: z.string(),
  /** Empty for a class-agnostic project. */
  classes: z.array(classSchema),
  settings: settingsSchema,
  version: z.int(),
  createdAt: timeSchema,
});

const projectFields = {
  name: nameSchema,
  classes: z.array(classSchema).max(10_000).optional(),
  settings: settingsSchema.partial().optional(),
} as const;

const taskSchema = z.strictObject({
  id: idSchema,
  project: idSchema,
  name: z.string(),
  /** Of a training task each annotator gets a job of their own, judged by its ground truth. */
  purpose: z.enum(["production", "training"]),
  version: z.int(),
  createdAt: timeSchema,
});

const taskImageSchema = z.strictObject({
  id: imageIdSchema,
  name: z.string(),
  width: z.int(),
  height: z.int(),
});

const MAX_IMAGES = 100_000;

const imageIds = z.array(imageIdSchema).min(1).max(MAX_IMAGES);

const SIGNED_IN = { who: "signed-in" } as const;

/** At least this role in the path's project. */
const inProject = <R extends "owner" | "maintainer" | "supervisor" | "worker">(role: R) =>
  ({ who: "member", role, of: "project" }) as const;

const inTask = <R extends "maintainer" | "supervisor" | "worker">(role: R) =>
  ({ who: "member", role, of: "task" }) as const;

/** Routes for projects. */
export const projectRoutes = {
  listProjects: {
    ...{ method: "GET", url: "/v1/engine/projects", rule: SIGNED_IN, answer: pageOf(projectSchema) },
    summary: "The projects that the person is a member of; for an administrator all",
    query: z.strictObject(pageQuery),
  },
  createProject: {
    ...{ method: "POST", url: "/v1/engine/projects", rule: { who: "administrator" }, status: 201 },
    summary: "Make a project; the person becomes its owner",
    body: z.strictObject(projectFields),
    answer: projectSchema,
    ...{ versioned: "read", maxValues: 200_000 },
  },
  getProject: {
    ...{ method: "GET", url: "/v1/engine/projects/:project", rule: inProject("worker") },
    summary: "A project",
    answer: projectSchema,
    versioned: "read",
  },
  updateProject: {
    ...{ method: "PATCH", url: "/v1/engine/projects/:project", rule: inProject("maintainer") },
    summary: "Change a project; what is absent stays",
    body: z.strictObject({ ...projectFields, name: nameSchema.optional() }),
    answer: projectSchema,
    ...{ versioned: "write", maxValues: 200_000 },
  },
  deleteProject: {
    ...{ method: "DELETE", url: "/v1/engine/projects/:project", rule: inProject("owner") },
    summary: "Hide a project; nothing of it is lost",
  },
  restoreProject: {
    ...{ method: "POST", url: "/v1/engine/projects/:project/restoration", rule: inProject("owner") },
    summary: "Bring a deleted project back",
    answer: projectSchema,
  },
} as const satisfies Record<string, EngineRoute>;

/** Routes for tasks. */
export const taskRoutes = {
  listTasks: {
    ...{ method: "GET", url: "/v1/engine/projects/:project/tasks", rule: inProject("worker") },
    summary: "The tasks of a project, oldest first",
    query: z.strictObject(pageQuery),
    answer: pageOf(taskSchema),
  },
  createTask: {
    ...{ method: "POST", url: "/v1/engine/projects/:project/tasks", rule: inProject("maintainer") },
    summary: "Make a task of images that are on the server",
    body: z.strictObject({
      name: nameSchema,
      /** In the order in which they are labelled. */
      images: imageIds,
      /** All in one job by default. */
      imagesPerJob: z.int().min(1).max(MAX_IMAGES).optional(),
      /** In its place: how many jobs share the images. */
      jobs: z.int().min(1).max(MAX_IMAGES).optional(),
      /** Blind copies of each job, which are merged by agreement. */
      replicas: z.int().min(1).max(10).optional(),
      purpose: z.enum(["production", "training"]).optional(),
    }),
    answer: taskSchema,
    ...{ status: 201, maxValues: MAX_IMAGES + 10 },
  },
  getTask: {
    ...{ method: "GET", url: "/v1/engine/tasks/:task", rule: inTask("worker"), answer: taskSchema },
    summary: "A task",
  },
  listTaskImages: {
    ...{ method: "GET", url: "/v1/engine/tasks/:task/images", rule: inTask("supervisor") },
    summary: "The images of a task, each once, by name",
    answer: z.array(taskImageSchema),
  },
  deleteTask: {
    ...{ method: "DELETE", url: "/v1/engine/tasks/:task", rule: inTask("maintainer") },
    summary: "Hide a task and its jobs; nothing of it is lost",
  },
  restoreTask: {
    ...{ method: "POST", url: "/v1/engine/tasks/:task/restoration", rule: inTask("maintainer") },
    summary: "Bring a deleted task back",
  },
  addGroundTruth: {
    ...{ method: "POST", url: "/v1/engine/tasks/:task/ground-truth", rule: inTask("maintainer") },
    summary: "Add a job in which trusted people label some of the images; accuracy is measured on these",
    body: z.strictObject({ images: imageIds }),
    answer: z.strictObject({ job: idSchema }),
    ...{ status: 201, maxValues: MAX_IMAGES + 10 },
  },
  distributeTask: {
    ...{ method: "POST", url: "/v1/engine/tasks/:task/distribution", rule: inTask("supervisor") },
    summary: "Give the jobs that nobody has to people, by their shares",
    body: z.strictObject({ shares: z.record(textSchema(36), z.number()) }),
    /** Number of jobs by the person's id. */
    answer: z.record(z.string(), z.int()),
  },
} as const satisfies Record<string, EngineRoute>;
