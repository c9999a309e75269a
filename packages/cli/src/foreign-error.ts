/** Node's codes for what people can do something about. */
const SYSTEM_REASONS: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file or folder; check the path",
  EACCES: "permission is missing; check who may use it",
  EPERM: "permission is missing; check who may use it",
  EISDIR: "it is a folder; name a file",
  ENOTDIR: "a part of the path is a file, not a folder",
  EEXIST: "it is there already; choose another name",
  ENOSPC: "the disk is full; make room",
  EDQUOT: "the disk quota is used up; make room",
  EROFS: "the disk is read-only; choose another place",
  ENAMETOOLONG: "the name is too long; choose a shorter one",
  EMFILE: "too many files are open; close some, or raise the limit (ulimit -n)",
};

/**
 * What is said of an error that none of our libraries has put into words: the system's as a sentence about the file,
 * anything else as a fault of this program.
 */
export function describeForeign(error: unknown): string {
  if (!(error instanceof Error)) return "Something failed without saying what; please report it.";
  const { code = "", path, syscall, message } = error as NodeJS.ErrnoException;
  if (syscall !== undefined && path !== undefined) {
    const reason = SYSTEM_REASONS[code] ?? `${syscall} failed with ${code}`;
    return `"${path}" can't be used: ${reason}.`;
  }
  const [reason] = message.split("\n", 1);
  return `This is a fault of segany (${error.name}: ${reason}); please report it, with what SEGANY_DEBUG=1 adds.`;
}
