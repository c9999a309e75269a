import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** What the cache folder depends on. */
export interface CacheSurroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: NodeJS.Platform;
  readonly home: string;
}

/**
 * The folder for downloads and built graphs: `SEGANY_CACHE` if set, else the user's cache folder by the
 * system's convention (`$XDG_CACHE_HOME/segany` or `~/.cache/segany`; `~/Library/Caches/segany` on macOS;
 * `%LOCALAPPDATA%\segany\Cache` on Windows). It need not exist.
 *
 * @example
 * console.log(cacheDirectory().length > 0); // true
 */
export function cacheDirectory(
  { env, platform, home }: CacheSurroundings = {
    env: process.env,
    platform: process.platform,
    home: homedir(),
  },
): string {
  if (env.SEGANY_CACHE) return resolve(env.SEGANY_CACHE);
  if (env.XDG_CACHE_HOME) return join(env.XDG_CACHE_HOME, "segany");
  switch (platform) {
    case "darwin":
      return join(home, "Library", "Caches", "segany");
    case "win32":
      return join(env.LOCALAPPDATA ?? join(home, "AppData", "Local"), "segany", "Cache");
    default:
      return join(home, ".cache", "segany");
  }
}
