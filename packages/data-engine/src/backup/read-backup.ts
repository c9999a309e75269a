import { pipeline, Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { DataEngineError } from "../errors.js";
import { BACKUP_FORMAT, BACKUP_VERSION, type BackupHeader, type BackupTrailer } from "./backup.js";

export type BackupLine =
  | { readonly kind: "table"; readonly table: string; readonly columns: readonly string[] }
  | { readonly kind: "row"; readonly values: readonly unknown[] }
  | { readonly kind: "trailer"; readonly trailer: BackupTrailer };

/** A mask of the largest image has far fewer characters. */
const MAX_LINE = 256 * 1024 * 1024;

/**
 * The lines of a backup after its header, which is checked.
 *
 * @param migrations names of those that this version has
 * @throws DataEngineError `invalid`, `store-newer`
 */
export async function* readBackup(
  file: AsyncIterable<Uint8Array>,
  migrations: readonly string[],
): AsyncGenerator<BackupLine> {
  let isFirst = true;
  for await (const line of readLines(file)) {
    const value = parse(line);
    if (isFirst) checkHeader(value, migrations);
    else yield toLine(value);
    isFirst = false;
  }
}

function toLine(value: unknown): BackupLine {
  if (Array.isArray(value)) return { kind: "row", values: value };
  const { table, columns, sha256, counts } = (value ?? {}) as Record<string, unknown>;
  if (typeof table === "string" && Array.isArray(columns)) return { kind: "table", table, columns };
  if (typeof sha256 === "string" && typeof counts === "object")
    return { kind: "trailer", trailer: { sha256, counts: counts as BackupTrailer["counts"] } };
  throw notBackup("it has a line of another kind");
}

function checkHeader(value: unknown, migrations: readonly string[]): void {
  const header = (value ?? {}) as Partial<Record<keyof BackupHeader, unknown>>;
  if (header.format !== BACKUP_FORMAT || !Array.isArray(header.migrations))
    throw notBackup("it has another first line");
  const unknown = header.migrations.find((name) => !migrations.includes(name));
  if (Number(header.version) > BACKUP_VERSION || unknown !== undefined)
    throw new DataEngineError(
      "store-newer",
      `The backup was made by a newer version of segany (${unknown ?? header.version}). Install that version.`,
    );
  const missing = migrations.find((name) => !(header.migrations as unknown[]).includes(name));
  if (missing !== undefined)
    throw new DataEngineError(
      "invalid",
      `The backup was made before the migration ${missing}. Restore it with the version of segany that made ` +
        "it; this version then opens that database.",
    );
}

async function* readLines(file: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const text = pipeline(Readable.from(file), createGunzip(), () => undefined).setEncoding("utf8");
  let rest = "";
  try {
    for await (const chunk of text) {
      const lines = (rest + chunk).split("\n");
      rest = lines.pop()!;
      if (rest.length > MAX_LINE) throw notBackup("a line is too long");
      yield* lines;
    }
  } catch (cause) {
    if (cause instanceof DataEngineError) throw cause;
    throw notBackup("it can't be decompressed to its end", cause);
  }
  if (rest !== "") throw notBackup("it ends in a line");
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw notBackup("it has a line that is not JSON", cause);
  }
}

const notBackup = (reason: string, cause?: unknown) =>
  new DataEngineError("invalid", `The file is no backup, or it is damaged: ${reason}.`, { cause });
