/** Images that are dropped on the page, or pasted. */

import type { Studio } from "../studio.js";

/**
 * Takes files from drops and from the clipboard.
 *
 * @param onDragging hears whether files are being held over the page
 * @returns ends it
 */
export function listenToImages(
  studio: Studio,
  target: Window,
  onDragging: (isDragging: boolean) => void,
): () => void {
  const ending = new AbortController();
  const { signal } = ending;
  const on = <K extends keyof WindowEventMap>(type: K, handle: (event: WindowEventMap[K]) => void) =>
    target.addEventListener(type, handle, { signal });

  on("dragover", (event) => {
    if (!hasFiles(event.dataTransfer)) return;
    event.preventDefault();
    onDragging(true);
  });
  on("dragleave", (event) => {
    // Only when the pointer leaves the window, not when it goes from one element to the next.
    if (event.relatedTarget === null) onDragging(false);
  });
  on("drop", (event) => {
    if (!hasFiles(event.dataTransfer)) return;
    event.preventDefault();
    onDragging(false);
    void filesOf(event.dataTransfer).then((files) => studio.addFiles(files));
  });
  on("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    void studio.addFiles(files);
  });
  return () => ending.abort();
}

function hasFiles(transfer: DataTransfer | null): transfer is DataTransfer {
  return transfer?.types.includes("Files") ?? false;
}

/** The dropped files, and those inside dropped folders. */
async function filesOf(transfer: DataTransfer): Promise<File[]> {
  // The list is empty once this event is over, so entries are taken from it at once. What is dragged out of a
  // page or a program has none, but is a file all the same.
  const found = [...transfer.items].map((item) => item.webkitGetAsEntry() ?? item.getAsFile());
  const files = found.map((each) =>
    each === null ? [] : each instanceof File ? [each] : filesOfEntry(each),
  );
  return (await Promise.all(files)).flat();
}

async function filesOfEntry(entry: FileSystemEntry): Promise<File[]> {
  if (isFile(entry)) return [await readEntry(entry)];
  if (!isFolder(entry)) return [];
  const reader = entry.createReader();
  const files: File[] = [];
  // A folder is read a hundred entries at a time.
  for (;;) {
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (entries.length === 0) return files;
    for (const child of entries) files.push(...(await filesOfEntry(child)));
  }
}

/** The file, with its path in the dropped folder where a folder chooser has it. */
async function readEntry(entry: FileSystemFileEntry): Promise<File> {
  const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject));
  return Object.defineProperty(file, "webkitRelativePath", { value: entry.fullPath.replace(/^\//, "") });
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile;
}

function isFolder(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory;
}
