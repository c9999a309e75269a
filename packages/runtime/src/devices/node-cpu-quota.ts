/**
 * The share of the processors that a control group (a container, a service) may use, which Node does not
 * count.
 */

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** Reads a small file; undefined if it can't be read. */
type ReadText = (path: string) => string | undefined;

const MOUNT = "/sys/fs/cgroup";

/**
 * The processors that this process may use by its control groups' CPU quota, a fraction possibly; undefined
 * without a quota and on other systems than Linux. The least of all groups from the process's own up to the
 * root counts.
 */
export function cpuQuota(read: ReadText = readText): number | undefined {
  const groups = (read("/proc/self/cgroup") ?? "").split("\n");
  const quotas = groups.flatMap((line) => {
    const [, controllers = "", path = ""] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (path === "") return [];
    if (controllers === "")
      return foldersUp(path).map((folder) => quotaV2(read(join(MOUNT, folder, "cpu.max"))));
    if (!controllers.split(",").includes("cpu")) return [];
    // Inside a container its own group is mounted as the root.
    return foldersUp(path).map((folder) => quotaV1(read, join(MOUNT, controllers, folder)));
  });
  const least = Math.min(...quotas.filter((quota) => quota !== undefined));
  return Number.isFinite(least) ? least : undefined;
}

/** A path and those above it: "/a/b" → "/a/b", "/a", "/". */
function foldersUp(path: string): string[] {
  return path === "/" ? ["/"] : [path, ...foldersUp(dirname(path))];
}

/** "max 100000", or microseconds of processor time in a period of so many. */
function quotaV2(text: string | undefined): number | undefined {
  const [, quota, period] = /^(\d+) (\d+)/.exec(text ?? "") ?? [];
  return ratio(quota, period);
}

function quotaV1(read: ReadText, folder: string): number | undefined {
  return ratio(read(join(folder, "cpu.cfs_quota_us")), read(join(folder, "cpu.cfs_period_us")));
}

/** Without a quota version 1 has -1. */
function ratio(quota: string | undefined, period: string | undefined): number | undefined {
  const cores = Number(quota?.trim() || Number.NaN) / Number(period?.trim() || Number.NaN);
  return cores > 0 && Number.isFinite(cores) ? cores : undefined;
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
