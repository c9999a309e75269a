/** Messages for Node's error codes that a user can act on. */
const SYSTEM_REASONS: Readonly<Record<string, string>> = {
  ENOENT: "no such file or folder; check the path",
  EACCES: "permission denied; check its permissions",
  EPERM: "permission denied; check its permissions",
  EISDIR: "it is a folder; name a file",
  ENOTDIR: "part of the path is a file, not a folder",
  EEXIST: "it already exists; choose another name",
  ENOSPC: "the disk is full; free some space",
  EDQUOT: "the disk quota is exceeded; free some space",
  EROFS: "the file system is read-only; choose another place",
  ENAMETOOLONG: "the name is too long; choose a shorter one",
  EMFILE: "too many files are open; close some, or raise the limit (ulimit -n)",
};

/**
 * Describes an error that is not from our libraries: a system error as a sentence about the file, anything
 * else as a bug.
 */
export function describeForeign(error: unknown): string {
  if (!(error instanceof Error)) return "An unknown error occurred; please report it.";
  const { code = "", path, syscall, message } = error as NodeJS.ErrnoException;
  if (syscall !== undefined && path !== undefined) {
    const reason = SYSTEM_REASONS[code] ?? `${syscall} failed with ${code}`;
    return `"${path}" can't be used: ${reason}.`;
  }
  const [reason] = message.split("\n", 1);
  return `This is a bug in segany (${error.name}: ${reason}); please report it with the output of SEGANY_DEBUG=1.`;
}
