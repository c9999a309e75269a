/** Huge pages for processes that run models: their first run is spent on page faults otherwise. */

import { readFileSync } from "node:fs";

const SETTING = "/sys/kernel/mm/transparent_hugepage/enabled";
const TUNABLE = "glibc.malloc.hugetlb";

/** What decides whether a process gets huge pages. */
export interface HugePageSystem {
  readonly platform: NodeJS.Platform;
  readonly env: NodeJS.ProcessEnv;
  /** The kernel's setting, as "always [madvise] never"; undefined where there is none. */
  readonly setting: string | undefined;
}

/** Whether child processes with a model get huge pages, with the reason where they don't. */
export interface HugePages {
  readonly used: boolean;
  readonly reason: string;
  /** Variables that a child needs for them. glibc 2.35 and later read them; other C libraries ignore them. */
  readonly env: NodeJS.ProcessEnv;
}

/**
 * Finds out whether child processes with a model get huge pages.
 *
 * @param system this one unless a test brings another
 *
 * @example
 * const { used, reason } = hugePages();
 * console.log(used ? "with huge pages" : reason);
 */
export function hugePages(system: HugePageSystem = thisSystem()): HugePages {
  const { platform, env, setting } = system;
  const tunables = env.GLIBC_TUNABLES;
  if (platform !== "linux") return without(`${platform} has none that a process can ask for`);
  if (setting === undefined) return without("the kernel has no transparent huge pages");
  if (setting.includes("[never]")) return without(`the kernel's setting in ${SETTING} is "never"`);
  if (tunables?.includes(`${TUNABLE}=`)) return without(`GLIBC_TUNABLES already sets ${TUNABLE}`);
  return {
    used: true,
    reason: "asked for with glibc's malloc",
    env: { GLIBC_TUNABLES: [tunables, `${TUNABLE}=1`].filter(Boolean).join(":") },
  };
}

function without(reason: string): HugePages {
  return { used: false, reason, env: {} };
}

function thisSystem(): HugePageSystem {
  return { platform: process.platform, env: process.env, setting: readSetting() };
}

function readSetting(): string | undefined {
  try {
    return readFileSync(SETTING, "utf8").trim();
  } catch {
    return undefined;
  }
}
