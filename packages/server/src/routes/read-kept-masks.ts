import { setImmediate as breathe } from "node:timers/promises";
import { DatasetError, parseSa1bAnnotation, parseSa1bImage } from "@segany/dataset/formats";
import { keptMaskSchema, keptMasksFrameSchema } from "../contract/masks.js";
import { ServerError } from "../errors.js";
import { readInput } from "../http/read-input.js";

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Time after which validation yields to other requests. */
const TURN_MS = 10;

/**
 * Validates masks so that every reader of SA-1B files, the studio included, can read them: an image of the
 * right size, RLE that fills it, finite numbers. The error has the position of the first invalid one.
 *
 * @throws ServerError `mask-invalid`
 */
export async function checkKeptMasks(value: unknown, size: Size): Promise<void> {
  const { image, annotations, ...others } = readInput(
    keptMasksFrameSchema,
    value,
    "The masks",
    "mask-invalid",
  );
  if (image.width !== size.width || image.height !== size.height) {
    throw new ServerError(
      "mask-invalid",
      `The masks are for an image of ${image.width} x ${image.height} pixels; this one is ${size.width} x ${size.height}.`,
    );
  }
  named(() => parseSa1bImage(image, "The masks"));
  checkNumbers(image, "image");
  checkNumbers(others, "document");
  const places = new Map<string, string>();
  let turnEnds = performance.now() + TURN_MS;
  for (const [i, annotation] of annotations.entries()) {
    const place = `annotations.${i}`;
    refuseRepeated(checkMask(annotation, size, place), place, places);
    if (performance.now() < turnEnds) continue;
    await breathe();
    turnEnds = performance.now() + TURN_MS;
  }
}

/** Validates a mask. @returns its UUID */
function checkMask(value: unknown, size: Size, place: string): string | undefined {
  const mask = readInput(keptMaskSchema, value, `The masks' ${place}`, "mask-invalid");
  named(() => parseSa1bAnnotation(mask, size, `The masks' ${place}`));
  checkNumbers(mask, place);
  return mask.uuid;
}

/** Refuses a UUID that another object has. @param places positions by UUID */
function refuseRepeated(uuid: string | undefined, place: string, places: Map<string, string>): void {
  if (uuid === undefined) return;
  const key = uuid.toLowerCase(); // UUIDs ignore case (RFC 9562)
  const before = places.get(key);
  if (before !== undefined)
    throw new ServerError(
      "mask-invalid",
      `The masks' ${place} has the same UUID as ${before}, ${uuid}; give each object its own.`,
    );
  places.set(key, place);
}

/** Converts errors of the data-set reader to ours. */
function named(read: () => unknown): void {
  try {
    read();
  } catch (cause) {
    if (!(cause instanceof DatasetError)) throw cause;
    throw new ServerError("mask-invalid", cause.message, { cause });
  }
}

/** Refuses numbers such as 1e400: JSON.parse returns Infinity, which JSON can't represent. */
function checkNumbers(value: unknown, place: string): void {
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new ServerError("mask-invalid", `The masks' ${place} is a number that is too large to store.`);
  }
  if (typeof value !== "object" || value === null) return;
  for (const [name, part] of Object.entries(value)) checkNumbers(part, `${place}.${name}`);
}
