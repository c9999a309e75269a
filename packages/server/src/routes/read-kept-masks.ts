import { setImmediate as breathe } from "node:timers/promises";
import { DatasetError, parseSa1bAnnotation, parseSa1bImage } from "@segany/dataset/formats";
import { keptMaskSchema, keptMasksFrameSchema } from "../contract/masks.js";
import { ServerError } from "../errors.js";
import { readInput } from "../http/read-input.js";

interface Size {
  readonly width: number;
  readonly height: number;
}

/** How long masks are looked at before other requests get their turn. */
const TURN_MS = 10;

/**
 * Holds masks to be what every reader of SA-1B's files, the studio among them, gets back: an image of the right size,
 * run lengths that fill it, numbers that are numbers. The first that is not is named.
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

/** @returns its UUID */
function checkMask(value: unknown, size: Size, place: string): string | undefined {
  const mask = readInput(keptMaskSchema, value, `The masks' ${place}`, "mask-invalid");
  named(() => parseSa1bAnnotation(mask, size, `The masks' ${place}`));
  checkNumbers(mask, place);
  return mask.uuid;
}

/** @param places where each UUID stands */
function refuseRepeated(uuid: string | undefined, place: string, places: Map<string, string>): void {
  if (uuid === undefined) return;
  const key = uuid.toLowerCase(); // RFC 9562: capitals are the same
  const before = places.get(key);
  if (before !== undefined)
    throw new ServerError(
      "mask-invalid",
      `The masks' ${place} has the UUID of ${before}, ${uuid}; give each object its own.`,
    );
  places.set(key, place);
}

/** What the reader of data sets refuses, as ours. */
function named(read: () => unknown): void {
  try {
    read();
  } catch (cause) {
    if (!(cause instanceof DatasetError)) throw cause;
    throw new ServerError("mask-invalid", cause.message, { cause });
  }
}

/** Numbers such as 1e400 are none to who reads them: JSON.parse makes infinity of them, which JSON can't hold. */
function checkNumbers(value: unknown, place: string): void {
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new ServerError("mask-invalid", `The masks' ${place} is a number beyond all that can be kept.`);
  }
  if (typeof value !== "object" || value === null) return;
  for (const [name, part] of Object.entries(value)) checkNumbers(part, `${place}.${name}`);
}
