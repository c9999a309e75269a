/** What a person may do in a project. Pure. */

import type { EngineJob, EngineMember } from "../api/engine.js";
import type { SignedIn } from "./engine-context.js";

export type Role = EngineMember["role"];

export const ROLES: readonly Role[] = ["worker", "supervisor", "maintainer", "owner"];

/** @returns null for somebody who is no member */
export function roleOf(person: SignedIn, members: readonly EngineMember[]): Role | null {
  const own = members.find((member) => member.person === person.id)?.role ?? null;
  return person.administrator ? "owner" : own;
}

/** Whether a role is at least another. */
export function isAtLeast(role: Role | null, least: Role): boolean {
  return role !== null && ROLES.indexOf(role) >= ROLES.indexOf(least);
}

/** What the person can do with a job now, with its name; null for nothing. */
export function workOn(job: EngineJob, person: string, role: Role | null): "Label" | "Review" | null {
  const isTheirs = job.assignee === person || (job.assignee === null && isAtLeast(role, "supervisor"));
  if (!isTheirs || job.stage === "acceptance") return null;
  if (job.stage === "annotation") return "Label";
  return job.annotator === person ? null : "Review";
}
