/** Lets the user choose files through the system's dialog. */

export interface ChooseFilesOptions {
  /** As the `accept` attribute has it; ignored with folders. */
  readonly accept: string;
  /** A folder with all that is in it, rather than files. */
  readonly folder?: boolean;
}

export const IMAGE_TYPES = "image/jpeg,image/png,image/webp,image/tiff,.tif,.tiff";
export const MASK_TYPES = "application/json,.json,.xml,.txt,.yaml,.yml,.names,.zip";

/** Without this, the field of an open dialog can be collected as garbage, and the user's choice with it. */
const openFields = new Set<HTMLInputElement>();

/** @returns an empty list when the user thinks better of it */
export function chooseFiles({ accept, folder = false }: ChooseFilesOptions): Promise<File[]> {
  const input = document.createElement("input");
  input.type = "file";
  input.multiple = true;
  if (folder) input.webkitdirectory = true;
  else input.accept = accept;
  openFields.add(input);
  return new Promise((resolve) => {
    const close = () => {
      openFields.delete(input);
      resolve([...(input.files ?? [])]);
    };
    input.addEventListener("change", close);
    input.addEventListener("cancel", close);
    input.click();
  });
}
