/** Names of everything that the server makes in its data folder. Clean-up removes nothing else. */

const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";

/** The folders at the top of a data folder. */
export const OWN_FOLDERS = ["embeddings", "images", "jobs", "tmp"] as const;

/** A file in `tmp`: a UUID with an ending, or a dot file of that kind while it is written. */
export const TEMPORARY_NAME = new RegExp(`^\\.?${UUID}(\\.[a-z0-9]+)*$`);

/** Both files of an embedding. The first group is the image's id. */
export const EMBEDDING_NAME = /^([0-9a-f]{64})\.(?:safetensors|f16)$/;

export const IMAGE_ID = /^[0-9a-f]{64}$/;

/** Paths of files, from the data folder and with "/", that any version so far has made. */
export const OWN_PATHS: readonly RegExp[] = [
  /^images\/[0-9a-f]{64}\/(?:file|thumbnail\.webp|image\.json|masks\.json|rendition-(?:[1-9][0-9]*\.webp|full\.png))$/,
  /^embeddings\/[0-9a-f]{16}-[a-z0-9]+\/[0-9a-f]{64}\.(?:safetensors|f16)$/,
  /^jobs\/[0-9a-f]{32}\/(?:job|masks)\.json$/,
  new RegExp(`^tmp/${TEMPORARY_NAME.source.slice(1)}`),
];

/** Paths of the folders that hold them. */
export const OWN_FOLDER_PATHS =
  /^(?:embeddings|images|jobs|tmp|images\/[0-9a-f]{64}|jobs\/[0-9a-f]{32}|embeddings\/[0-9a-f]{16}-[a-z0-9]+)$/;

/** What operating systems put into folders by themselves. It doesn't count as content, and stays. */
export const SYSTEM_NAMES: ReadonlySet<string> = new Set([
  ".DS_Store",
  "Thumbs.db",
  "desktop.ini",
  "lost+found",
]);
