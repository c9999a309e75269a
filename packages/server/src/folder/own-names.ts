/** Names of everything that the server creates in its data folder. Clean-up removes nothing else. */

const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";

/** The data engine's database, with which SQLite has others of its name: `-wal`, `-shm`, `-journal`. */
export const ENGINE_FILE = "engine.sqlite";

/** Copies of files that are in a store which is shared; emptied at each start. */
export const COPIES_FOLDER = "copies";

/** Files of work that goes on, a folder for each item. */
export const WORK_FOLDER = "work";

/** The folders at the top of a data folder. */
export const OWN_FOLDERS = [
  COPIES_FOLDER,
  "embeddings",
  "exports",
  "images",
  "imports",
  "jobs",
  "models",
  "tmp",
  "training",
  WORK_FOLDER,
] as const;

/** A file in `tmp`: a UUID with extensions, with a leading dot while it is being written. */
export const TEMPORARY_NAME = new RegExp(`^\\.?${UUID}(\\.[a-z0-9]+)*$`);

/** Both files of an embedding and their record. The first group is the image's id. */
export const EMBEDDING_NAME = /^([0-9a-f]{64})\.(?:safetensors|f16|json)$/;

/** Paths of files that any version so far has created, relative to the data folder, with "/". */
export const OWN_PATHS: readonly RegExp[] = [
  /^classes\.json$/,
  /^engine\.sqlite(?:-wal|-shm|-journal)?$/,
  /^images\/[0-9a-f]{64}\/(?:file|thumbnail\.webp|image\.json|masks\.json|rendition-(?:[1-9][0-9]*\.webp|full\.png))$/,
  /^embeddings\/[0-9a-f]{16}-[a-z0-9]+\/[0-9a-f]{64}\.(?:safetensors|f16|json)$/,
  /^jobs\/[0-9a-f]{32}\/(?:job|masks)\.json$/,
  /^models\/[0-9a-f]{64}\/(?:checkpoint\.safetensors|metrics\.jsonl|report\.html)$/,
  new RegExp(`^tmp/${TEMPORARY_NAME.source.slice(1)}`),
];

/** Paths of the folders that contain them. */
export const OWN_FOLDER_PATHS =
  /^(?:embeddings|images|jobs|models|tmp|training|images\/[0-9a-f]{64}|jobs\/[0-9a-f]{32}|models\/[0-9a-f]{64}|embeddings\/[0-9a-f]{16}-[a-z0-9]+)$/;

/** Files that operating systems create. They don't count as content, and stay. */
export const SYSTEM_NAMES: ReadonlySet<string> = new Set([
  ".DS_Store",
  "Thumbs.db",
  "desktop.ini",
  "lost+found",
]);
