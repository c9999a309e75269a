import { expect, it } from "vitest";
import { cpuQuota } from "./node-cpu-quota.js";

const quotaOf = (files: Readonly<Record<string, string>>) => cpuQuota((path) => files[path]);
const V1 = "/sys/fs/cgroup/cpu,cpuacct";

it.each<readonly [string, Readonly<Record<string, string>>, number | undefined]>([
  ["no files", {}, undefined],
  ["a container (v2)", { "/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/cpu.max": "150000 100000\n" }, 1.5],
  ["no quota (v2)", { "/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/cpu.max": "max 100000\n" }, undefined],
  [
    "the least of a service and those above it (v2)",
    {
      "/proc/self/cgroup": "0::/system.slice/a.service\n",
      "/sys/fs/cgroup/system.slice/a.service/cpu.max": "400000 100000\n",
      "/sys/fs/cgroup/system.slice/cpu.max": "200000 100000\n",
      "/sys/fs/cgroup/cpu.max": "800000 100000\n",
    },
    2,
  ],
  [
    "a container (v1), whose group is mounted as the root",
    {
      "/proc/self/cgroup": "5:cpuset:/x\n4:cpu,cpuacct:/docker/abc\n",
      [`${V1}/cpu.cfs_quota_us`]: "50000\n",
      [`${V1}/cpu.cfs_period_us`]: "100000\n",
    },
    0.5,
  ],
  [
    "no quota (v1)",
    {
      "/proc/self/cgroup": "4:cpu,cpuacct:/\n",
      [`${V1}/cpu.cfs_quota_us`]: "-1\n",
      [`${V1}/cpu.cfs_period_us`]: "100000\n",
    },
    undefined,
  ],
  ["nonsense", { "/proc/self/cgroup": "0::/\n1:x\n", "/sys/fs/cgroup/cpu.max": "a b" }, undefined],
  ["a period of nothing", { "/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/cpu.max": "1 0" }, undefined],
])("is read from %s", (_, files, expected) => {
  expect(quotaOf(files)).toBe(expected);
});

it("is no number of this machine's that could not be", () => {
  expect(cpuQuota() ?? 1).toBeGreaterThan(0);
});
