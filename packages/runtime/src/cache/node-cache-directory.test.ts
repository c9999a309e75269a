import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { cacheDirectory } from "./node-cache-directory.js";

const on = (platform: NodeJS.Platform, env: Record<string, string> = {}) =>
  cacheDirectory({ env, platform, home: "/home/ada" }).replaceAll("\\", "/");

describe("cacheDirectory", () => {
  it("follows the convention of each system", () => {
    expect(on("linux")).toBe("/home/ada/.cache/segany");
    expect(on("linux", { XDG_CACHE_HOME: "/cache" })).toBe("/cache/segany");
    expect(on("darwin")).toBe("/home/ada/Library/Caches/segany");
    expect(on("win32", { LOCALAPPDATA: "/local" })).toBe("/local/segany/Cache");
    expect(on("win32")).toBe("/home/ada/AppData/Local/segany/Cache");
  });

  it("is SEGANY_CACHE before anything else, as an absolute path", () => {
    expect(on("linux", { SEGANY_CACHE: "here", XDG_CACHE_HOME: "/cache" })).toBe(
      resolve("here").replaceAll("\\", "/"),
    );
  });
});
