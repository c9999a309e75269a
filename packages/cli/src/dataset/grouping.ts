import type { DatasetRecord } from "@segany/dataset";
import { InvalidArgumentError } from "commander";

/** Which images stay together: a pattern of file names, or a field of images. */
export interface Grouping {
  readonly text: string;
  readonly isPattern: boolean;
  /** What images of a group have in common; undefined for an image on its own. */
  readonly groupOf: (record: DatasetRecord) => string | undefined;
  /** Whether no image has been in a group so far. */
  readonly isUnused: () => boolean;
}

/** Parses `--group-by`: `*.rf.*` is a pattern, whose first `*` tells the group, `video_id` a field. */
export function parseGrouping(text: string): Grouping {
  if (text === "") throw new InvalidArgumentError("Give a pattern such as *.rf.* or the name of a field.");
  const isPattern = text.includes("*");
  const find = isPattern ? byName(text) : byField(text);
  let isUnused = true;
  return {
    text,
    isPattern,
    groupOf(record) {
      const group = find(record);
      if (group !== undefined) isUnused = false;
      return group;
    },
    isUnused: () => isUnused,
  };
}

function byName(pattern: string): Grouping["groupOf"] {
  const parts = pattern.split("*").map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const expression = new RegExp(`^${parts.join("(.*)")}$`, "su");
  const isPath = pattern.includes("/");
  return ({ image: { fileName } }) => {
    const name = isPath ? fileName : fileName.slice(fileName.lastIndexOf("/") + 1);
    return expression.exec(name)?.[1];
  };
}

/** Fields are those of the file that records have no name for. */
function byField(field: string): Grouping["groupOf"] {
  return ({ image: { extra } }) => {
    const value = extra && Object.hasOwn(extra, field) ? extra[field] : undefined;
    return value == null ? undefined : JSON.stringify(value);
  };
}
