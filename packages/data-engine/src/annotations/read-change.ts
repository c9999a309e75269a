import {
  areaOfRuns,
  type MaskRuns,
  parseRle,
  type Rle,
  rleToRuns,
  runsToRle,
  SamError,
  type Size,
} from "@segany/masks";
import { DataEngineError } from "../errors.js";
import type { Project } from "../projects/project.js";
import type { Provenance } from "./annotation.js";

/** Bytes of JSON that a provenance or the attributes of one mask may have. */
const MAX_JSON = 1_000_000;

/** A mask that fits its image and has pixels. @throws DataEngineError `invalid` */
export function readMask(
  value: unknown,
  size: Size,
  where: string,
): { readonly rle: Rle; readonly area: number } {
  const runs = readRuns(value, size, where);
  const area = areaOfRuns(runs);
  if (area === 0) throw new DataEngineError("invalid", `${where} is empty; delete the object in its place.`);
  return { rle: runsToRle(runs), area };
}

function readRuns(value: unknown, size: Size, where: string): MaskRuns {
  try {
    return rleToRuns(parseRle(value, where, { size }), where, { size });
  } catch (cause) {
    if (cause instanceof SamError) throw new DataEngineError("invalid", cause.message, { cause });
    throw cause;
  }
}

/** @throws DataEngineError `invalid` for a class that the project does not have */
export function checkClass(name: string | null, { classes, name: project }: Project): string | null {
  if (name === null || classes.some((each) => each.name === name)) return name;
  const known = classes.map((each) => each.name).join(", ") || "none";
  throw new DataEngineError(
    "invalid",
    `The project "${project}" has no class "${name}". Its classes: ${known}.`,
  );
}

/** @throws DataEngineError `invalid` if it is too long */
export function toJson(value: Provenance | Readonly<Record<string, unknown>>, what: string): string {
  const json = JSON.stringify(value);
  if (json.length > MAX_JSON)
    throw new DataEngineError(
      "invalid",
      `${what} has ${json.length} characters; at most ${MAX_JSON} are kept.`,
    );
  return json;
}
