import { z } from "zod";
import { StartError } from "../errors.js";

/** Name of the file that marks a data folder. It is never removed or rewritten; the lock is on it. */
export const MARKER_NAME = "segany-data.json";

const FORMAT = "segany-data";

/** Version of the data format. Raise it when older versions could damage the folder. */
const VERSION = 1;

export const MARKER_TEXT = `${JSON.stringify({
  format: FORMAT,
  version: VERSION,
  about: "segany serve stores its data in this folder and recognises it by this file.",
})}\n`;

const markerSchema = z.object({ format: z.literal(FORMAT), version: z.int().min(1) });

/**
 * Validates the marker file.
 *
 * @throws StartError `folder-foreign` for a file of that name that isn't ours, `folder-unusable` for a newer
 *   version
 */
export function checkMarker(text: string, directory: string): void {
  const version = readVersion(text);
  if (version === undefined) {
    throw new StartError(
      "folder-foreign",
      `"${directory}" is not a data folder of segany: its "${MARKER_NAME}" is damaged or belongs to another program. ` +
        "Nothing in it was changed. Choose a new or empty folder.",
    );
  }
  if (version > VERSION) {
    throw new StartError(
      "folder-unusable",
      `"${directory}" was created by a newer segany (data version ${version}; this one supports ${VERSION}). Update segany.`,
    );
  }
}

function readVersion(text: string): number | undefined {
  try {
    return markerSchema.parse(JSON.parse(text)).version;
  } catch {
    return undefined;
  }
}
