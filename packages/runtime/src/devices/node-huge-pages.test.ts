import { describe, expect, it } from "vitest";
import { type HugePageSystem, hugePages } from "./node-huge-pages.js";

const LINUX: HugePageSystem = { platform: "linux", env: {}, setting: "always [madvise] never" };

describe("huge pages", () => {
  it.each<[string, Partial<HugePageSystem>]>([
    ["on demand", {}],
    ["always", { setting: "[always] madvise never" }],
  ])("are asked for where the kernel gives them %s", (_how, system) => {
    expect(hugePages({ ...LINUX, ...system })).toMatchObject({
      used: true,
      env: { GLIBC_TUNABLES: "glibc.malloc.hugetlb=1" },
    });
  });

  it("stand beside other settings of the user's", () => {
    const env = { GLIBC_TUNABLES: "glibc.malloc.check=1" };
    expect(hugePages({ ...LINUX, env }).env).toEqual({
      GLIBC_TUNABLES: "glibc.malloc.check=1:glibc.malloc.hugetlb=1",
    });
  });

  it.each<[Partial<HugePageSystem>, RegExp]>([
    [{ platform: "darwin" }, /darwin/],
    [{ platform: "win32" }, /win32/],
    [{ setting: undefined }, /no transparent huge pages/],
    [{ setting: "always madvise [never]" }, /"never"/],
    [{ env: { GLIBC_TUNABLES: "glibc.malloc.hugetlb=0" } }, /already sets/],
  ])("are left alone on %j, with the reason", (system, reason) => {
    expect(hugePages({ ...LINUX, ...system })).toEqual({
      used: false,
      reason: expect.stringMatching(reason),
      env: {},
    });
  });
});
