import { pipeline, Readable } from "node:stream";
import { createGzip } from "node:zlib";
import type { Context } from "../context.js";
import { createContentHash } from "./content-hash.js";
import { readRows } from "./read-rows.js";
import { readMigrations } from "./tables.js";

/** First line of a backup, before it is compressed. */
export interface BackupHeader {
  readonly format: typeof BACKUP_FORMAT;
  readonly version: typeof BACKUP_VERSION;
  /** Names of the migrations of the database. */
  readonly migrations: readonly string[];
  readonly createdAt: number;
}

/** Last line of a backup. */
export interface BackupTrailer {
  /** Rows of each table that has some. */
  readonly counts: Readonly<Record<string, number>>;
  /** Hash of the content; the same for both databases. */
  readonly sha256: string;
}

export const BACKUP_FORMAT = "segany-data-engine";
export const BACKUP_VERSION = 1;

/** Characters that are given to the compressor at once. */
const CHUNK_CHARACTERS = 64 * 1024;

/**
 * The whole database as one file, which either database can be restored from: lines of JSON, compressed with
 * gzip. The first line is the header. Then come tables, each with a line `{ table, columns }` and a line with
 * the values of each row, and last a line with counts and the hash of the content. It is what the database
 * has at one moment. Files of images are not in it. Other connections go on reading and writing meanwhile;
 * SQLite's store has only one, so a running server opens a second store for this.
 *
 * @throws DataEngineError through the stream, if the database can't be read
 */
export function createBackup(context: Context): Readable {
  // The callback has nothing to do: an error destroys the stream that is returned.
  return pipeline(Readable.from(chunks(backupLines(context))), createGzip(), () => undefined);
}

/** Counts and hash of what the database has. */
export async function hashContent({ db }: Context): Promise<BackupTrailer> {
  const hash = createContentHash();
  for await (const entry of readRows(db))
    if ("row" in entry) hash.add(entry.part.table, JSON.stringify(entry.row));
  return { counts: hash.counts, sha256: hash.sha256() };
}

async function* backupLines({ db, now }: Context): AsyncGenerator<string> {
  const header: BackupHeader = {
    ...{ format: BACKUP_FORMAT, version: BACKUP_VERSION },
    ...{ migrations: await readMigrations(db), createdAt: now() },
  };
  yield `${JSON.stringify(header)}\n`;
  const hash = createContentHash();
  for await (const entry of readRows(db)) {
    if ("row" in entry) {
      const line = JSON.stringify(entry.row);
      hash.add(entry.part.table, line);
      yield `${line}\n`;
    } else yield `${JSON.stringify({ table: entry.part.table, columns: entry.columns })}\n`;
  }
  const trailer: BackupTrailer = { counts: hash.counts, sha256: hash.sha256() };
  yield `${JSON.stringify(trailer)}\n`;
}

async function* chunks(lines: AsyncIterable<string>): AsyncGenerator<string> {
  let chunk = "";
  for await (const line of lines) {
    chunk += line;
    if (chunk.length < CHUNK_CHARACTERS) continue;
    yield chunk;
    chunk = "";
  }
  if (chunk !== "") yield chunk;
}
