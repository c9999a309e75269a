/**
 * For tests: the shared goldens beside the project, or where SEGANY_SHARED says. Tests that need them skip
 * without.
 */
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = process.env.SEGANY_SHARED ?? fileURLToPath(new URL("../../../../shared", import.meta.url));

/** Whether the shared folder is there. */
export const hasShared: boolean = existsSync(root);

/** Path of a shared file. */
export function sharedPath(path: string): string {
  return `${root}/${path}`;
}

/** A shared JSON file; the goldens' shapes are known to the tests. */
// biome-ignore lint/suspicious/noExplicitAny: goldens are plain data of several shapes
export function sharedJson(path: string): any {
  return JSON.parse(readFileSync(sharedPath(path), "utf8"));
}
