import type { ExportedFile } from "../studio.js";

/** How long the browser may take to begin reading what it saves. */
const KEPT_FOR_MS = 60_000;

/** Hands a file to the user, as a download. */
export function saveFile({ name, blob }: ExportedFile): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), KEPT_FOR_MS);
}
