/** For tests: a disk of a few MiB, where the system lets one be made. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface SmallDisk {
  readonly path: string;
  /** Takes all the space that is left. */
  fill(): void;
  /** Gives it back. */
  free(): void;
  /** Lets nothing be written, whoever asks. */
  setReadOnly(isReadOnly: boolean): void;
  remove(): void;
}

/** @returns undefined, and says so, where it can't be made */
export function makeSmallDisk(mebibytes: number): SmallDisk | undefined {
  const path = mkdtempSync(join(tmpdir(), "segany-disk-"));
  try {
    if (process.platform !== "linux") throw new Error("only Linux has tmpfs");
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${mebibytes}m`, "tmpfs", path], { stdio: "pipe" });
  } catch (error) {
    rmSync(path, { recursive: true, force: true });
    console.warn(
      `Tests on a full disk were skipped: a small one can't be made here (${(error as Error).message.trim()}).`,
    );
    return undefined;
  }
  const filling = join(path, "filling");
  return {
    path,
    fill() {
      mkdirSync(filling, { recursive: true });
      for (let bytes = 2 ** 20, number = 0; bytes >= 1; ) {
        try {
          writeFileSync(join(filling, String(number++)), Buffer.alloc(bytes));
        } catch {
          bytes >>= 1; // what was written of it stays
        }
      }
    },
    free: () => rmSync(filling, { recursive: true, force: true }),
    setReadOnly(isReadOnly) {
      execFileSync("mount", ["-o", `remount,${isReadOnly ? "ro" : "rw"}`, path]);
    },
    remove() {
      execFileSync("umount", ["-l", path]);
      rmSync(path, { recursive: true, force: true });
    },
  };
}
