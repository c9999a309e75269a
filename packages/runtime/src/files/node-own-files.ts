import type { Stats } from "node:fs";
import { open } from "node:fs/promises";

/**
 * Says why another user can have changed a file or folder: it belongs to them, or every user can write to it.
 *
 * @returns undefined if only this user and the administrator can, and on systems without users
 *
 * @example
 * import { stat } from "node:fs/promises";
 * await writeFileAtomic("own.txt", "mine");
 * console.log(whyShared(await stat("own.txt"))); // undefined
 */
export function whyShared({ uid, mode }: Pick<Stats, "uid" | "mode">): string | undefined {
  const user = process.getuid?.();
  if (user === undefined) return undefined;
  if (uid !== user && uid !== 0) return `belongs to another user (${uid})`;
  return (mode & 0o002) === 0 ? undefined : "can be written by every user";
}

/**
 * Reads a text file that nobody else can have changed.
 *
 * @throws Error of the system, or if another user can have changed the file
 *
 * @example
 * await writeFileAtomic("settings.json", "{}");
 * console.log(await readOwnFile("settings.json")); // {}
 */
export async function readOwnFile(path: string): Promise<string> {
  const handle = await open(path);
  try {
    const reason = whyShared(await handle.stat());
    if (reason) throw new Error(`"${path}" ${reason}`);
    return await handle.readFile("utf8");
  } finally {
    await handle.close();
  }
}
