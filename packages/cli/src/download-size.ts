import type { TextModel } from "@segany/sam";

/** The size of a file to download, for people. */
export function downloadSize(source: TextModel["source"]): string {
  const { bytes, about } =
    source.kind === "linked"
      ? { bytes: source.aboutBytes, about: "~" }
      : { bytes: source.sizeBytes, about: "" };
  return `${about}${(bytes / 1e6).toFixed(0)} MB`;
}
