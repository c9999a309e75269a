/** Roles in a project, the mightiest first. Each may do what those after it may. */
export const ROLES = ["owner", "maintainer", "supervisor", "worker"] as const;

/**
 * - `owner`: deletes the project, and makes owners
 * - `maintainer`: changes the project, its tasks and its members
 * - `supervisor`: gives out work and reviews it
 * - `worker`: labels what the queue or a supervisor gives them
 */
export type Role = (typeof ROLES)[number];

/** Whether a role may do what `least` may. */
export function isAtLeast(role: Role, least: Role): boolean {
  return ROLES.indexOf(role) <= ROLES.indexOf(least);
}
