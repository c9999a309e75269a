/**
 * For tests: the shared data sets beside the project, or where SEGANY_SHARED says. Tests that need them skip
 * without.
 */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

const root = process.env.SEGANY_SHARED ?? fileURLToPath(new URL("../../../../shared", import.meta.url));

/** Whether the data sets are there. */
export const hasSharedData: boolean = existsSync(`${root}/data/README.md`);

/** The folder of a shared data set. */
export function sharedData(name: string): string {
  return `${root}/data/${name}`;
}
