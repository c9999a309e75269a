/** Masks for tests. */

import { type Mask, type MaskRuns, maskToRuns } from "@segany/masks";
import fc from "fast-check";

/** A mask from rows of "0" and "1". */
export function maskOf(rows: readonly string[]): Mask {
  return {
    width: rows[0]?.length ?? 0,
    height: rows.length,
    data: Uint8Array.from(rows.join(""), Number),
  };
}

export function runsOf(rows: readonly string[]): MaskRuns {
  return maskToRuns(maskOf(rows));
}

/** Masks of any content, 1 to 14 pixels wide and high. */
export const anyMask: fc.Arbitrary<Mask> = fc
  .record({ width: fc.integer({ min: 1, max: 14 }), height: fc.integer({ min: 1, max: 14 }) })
  .chain(({ width, height }) =>
    fc
      .array(fc.constantFrom(0, 1), { minLength: width * height, maxLength: width * height })
      .map((data) => ({ width, height, data: Uint8Array.from(data) })),
  );
