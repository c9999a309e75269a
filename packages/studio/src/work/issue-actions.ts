/** Review issues of the open job. */

import { type ImagePoint, imagePoint } from "@segany/masks";
import type { EngineClient, EngineIssue, EngineJob } from "../api/engine.js";
import type { StudioStore } from "../state/studio-store.js";
import type { WorkIssue } from "../state/work.js";

export interface IssueParts {
  readonly store: StudioStore;
  readonly engine: EngineClient;
  /** The open job; null without one. */
  readonly job: () => EngineJob | null;
}

export interface IssueActions {
  /** Reads the issues of the open job, and the names of the project's people. */
  load(project: string): Promise<void>;
  /** @param at pixels of the open image */
  pin(at: ImagePoint, text: string): Promise<void>;
  comment(issue: string, text: string): Promise<void>;
  setResolved(issue: string, isResolved: boolean): Promise<void>;
}

export function createIssueActions({ store, engine, job }: IssueParts): IssueActions {
  let names: ReadonlyMap<string, string> = new Map();

  function show(issues: readonly WorkIssue[]): void {
    store.set(({ work }) => ({ work: work && { ...work, issues } }));
  }

  function read({ id, image, point, resolvedAt, comments }: EngineIssue): WorkIssue {
    return {
      ...{ id, image, at: imagePoint(point), isResolved: resolvedAt !== null },
      comments: comments.map(({ id: comment, author, text }) => ({
        ...{ id: comment, author: names.get(author) ?? "", text },
      })),
    };
  }

  function replace(issue: EngineIssue): void {
    const { issues } = store.getState().work!;
    const isKnown = issues.some(({ id }) => id === issue.id);
    show(
      isKnown ? issues.map((each) => (each.id === issue.id ? read(issue) : each)) : [...issues, read(issue)],
    );
  }

  return {
    async load(project) {
      const open = job();
      if (!open) return;
      const members = await engine.listMembers({ params: { project } });
      names = new Map(members.map(({ person, name }) => [person, name]));
      show((await engine.listIssues({ params: { job: open.id } })).map(read));
    },
    async pin(at, text) {
      const [open, image] = [job(), store.getState().openImageId];
      if (!open || image === null) return;
      const body = { image, point: [at[0], at[1]] as [number, number], text };
      replace(await engine.createIssue({ params: { job: open.id }, body }));
    },
    async comment(issue, text) {
      replace(await engine.addComment({ params: { issue }, body: { text } }));
    },
    async setResolved(issue, isResolved) {
      const request = { params: { issue } };
      replace(await (isResolved ? engine.resolveIssue(request) : engine.reopenIssue(request)));
    },
  };
}
