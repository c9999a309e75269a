import { type OutputMode, SamError } from "@segany/masks";

const OUTPUT_MODES: readonly OutputMode[] = ["binary_mask", "uncompressed_rle", "coco_rle"];

/** Validates an output mode and returns it. @throws SamError `option-invalid` */
export function checkOutputMode(mode: OutputMode): OutputMode {
  if (OUTPUT_MODES.includes(mode)) return mode;
  const allowed = OUTPUT_MODES.map((each) => `"${each}"`).join(", ");
  throw new SamError("option-invalid", `outputMode is ${String(mode)}; it must be one of ${allowed}.`);
}
