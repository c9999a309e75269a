import type { AnnotationChange } from "@segany/data-engine";
import type { annotationRoutes } from "../../contract/engine/annotations.js";
import type { EngineHandlers } from "../call.js";
import { defined } from "./defined.js";
import { lockKey } from "./jobs.js";

/** Masks with their history, and review issues. */
export const annotationHandlers: EngineHandlers<typeof annotationRoutes> = {
  listAnnotations: ({ parts: { annotations }, params }) => annotations.list(params.job, params.image),
  saveAnnotations({ parts: { annotations }, caller, params, body }) {
    const changes = body.changes.map((change) => defined(change) as AnnotationChange);
    return annotations.save(lockKey(caller, params, body), changes);
  },
  getHistory: ({ parts: { annotations }, params }) => annotations.history(params.annotation),

  listIssues: ({ parts: { issues }, params }) => issues.list(params.job),
  createIssue: ({ parts: { issues }, caller, params, body }) =>
    issues.create(caller.person.id, { ...defined(body), job: params.job }),
  addComment: ({ parts: { issues }, caller, params, body }) =>
    issues.comment(caller.person.id, params.issue, body.text),
  resolveIssue: ({ parts: { issues }, caller, params }) => issues.resolve(caller.person.id, params.issue),
  reopenIssue: ({ parts: { issues }, caller, params }) => issues.reopen(caller.person.id, params.issue),
};
