import { z } from "zod";
import { StartError } from "../errors.js";

/** The file that makes a folder a data folder. It is never removed and never rewritten; the lock is on it. */
export const MARKER_NAME = "segany-data.json";

const FORMAT = "segany-data";

/** Goes up when older versions could do harm to the folder. */
const VERSION = 1;

export const MARKER_TEXT = `${JSON.stringify({
  format: FORMAT,
  version: VERSION,
  about: "segany serve keeps its data in this folder, and takes it for its own by this file.",
})}\n`;

const markerSchema = z.object({ format: z.literal(FORMAT), version: z.int().min(1) });

/** @throws StartError `folder-foreign` for a file of that name that isn't ours, `folder-unusable` for a newer one */
export function checkMarker(text: string, directory: string): void {
  const version = readVersion(text);
  if (version === undefined) {
    throw new StartError(
      "folder-foreign",
      `"${directory}" is not a data folder of segany: its "${MARKER_NAME}" is damaged or of something else. ` +
        "Nothing in it was changed. Choose a new or empty folder.",
    );
  }
  if (version > VERSION) {
    throw new StartError(
      "folder-unusable",
      `"${directory}" is of a newer segany (data version ${version}; this one knows ${VERSION}). Update segany.`,
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
