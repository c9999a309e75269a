/**
 * Errors after which another attempt may help, by class and code: of the disk, the network, the database and
 * the lease. Classes are told by their names, so that a package is loaded only by the work that needs it.
 */
const PASSING: Readonly<Record<string, ReadonlySet<string>>> = {
  DataEngineError: new Set(["lease-lost", "store-failed"]),
  DatasetError: new Set(["aborted", "file-unreadable", "file-unwritable"]),
  SamError: new Set(["aborted", "cache-failed", "download-failed", "file-unwritable"]),
  TrainingError: new Set(),
};

/**
 * Whether another attempt at the same work would end the same way: an error of our classes whose code is not
 * a passing one. Errors of other classes pass.
 */
export function isLasting(error: unknown): boolean {
  if (!(error instanceof Error) || !Object.hasOwn(PASSING, error.name)) return false;
  return !PASSING[error.name]!.has((error as Error & { code: string }).code);
}
