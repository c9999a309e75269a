import { z } from "zod";
import { workItemSchema } from "./machine.js";
import type { EngineRoute } from "./route.js";
import { nameSchema, textSchema } from "./values.js";

const share = z.number().min(0).max(1);

/** Settings of everything mode; what is absent is as the behaviour has it. */
const segmentSettings = {
  behaviour: z.enum(["official", "paper", "fast"]).optional(),
  pointsPerSide: z.int().min(1).max(128).optional(),
  predIouThresh: share.optional(),
  stabilityScoreThresh: share.optional(),
  minMaskRegionArea: z.number().min(0).max(1e9).optional(),
} as const;

const PROJECT = { who: "member", role: "maintainer", of: "project" } as const;

/** Routes that begin work of the machine: everything mode, exports, imports. */
export const transferRoutes = {
  segmentTask: {
    ...{ method: "POST", url: "/v1/engine/tasks/:task/segmentation", status: 201 },
    rule: { who: "member", role: "maintainer", of: "task" },
    summary: "Look for all objects on the task's images that are still to be labelled",
    body: z.strictObject({ ...segmentSettings, className: nameSchema.nullable().default(null) }),
    answer: workItemSchema,
  },
  listExportFormats: {
    ...{ method: "GET", url: "/v1/engine/export-formats", rule: { who: "signed-in" } },
    summary: "Formats of data sets that projects are exported in",
    answer: z.array(z.strictObject({ name: z.string(), title: z.string() })),
  },
  exportProject: {
    ...{ method: "POST", url: "/v1/engine/projects/:project/exports", rule: PROJECT, status: 201 },
    summary: "Write the project's masks as a data set, into a zip file that is kept for seven days",
    body: z.strictObject({
      /** Name of one of the formats, such as "coco". */
      format: textSchema(50),
      /** Which images: those of accepted jobs, those that are labelled, or all. */
      state: z.enum(["accepted", "labelled", "all"]).default("accepted"),
      /** Whether the image files are in it. */
      images: z.boolean().default(true),
    }),
    answer: workItemSchema,
  },
  downloadExport: {
    ...{ method: "GET", url: "/v1/engine/work-items/:work/file", download: "application/zip" },
    rule: { who: "member", role: "maintainer", of: "work" },
    summary: "The zip file of an export that is done",
  },
  importSet: {
    ...{ method: "POST", url: "/v1/engine/projects/:project/imports", rule: PROJECT, status: 201 },
    summary: "Make a task of a labelled data set, sent as a zip file",
    query: z.strictObject({
      /** Name of the new task. */
      task: nameSchema,
      imagesPerJob: z.coerce.number().int().min(1).max(1_000_000).optional(),
      /** "true": the masks are accepted work; otherwise people go on from them. */
      accepted: z
        .enum(["true", "false"])
        .default("false")
        .transform((text) => text === "true"),
      /** Of the set; found by looking at it by default. */
      format: textSchema(50).optional(),
    }),
    upload: true,
    answer: workItemSchema,
  },
} as const satisfies Record<string, EngineRoute>;
