/** Objects with outlines as ragged as those of photographs, for measuring and for looking at. */

import { cocoPolygonsToRuns, type Size } from "@segany/masks";
import type { MaskObject } from "../state/document.js";
import { shapeOf } from "../state/mask-shape.js";

/** The same objects for the same count and size: most are small, one in fifty covers much of the image. */
export function makeObjects(count: number, size: Size): MaskObject[] {
  const random = createRandom(20230405);
  return Array.from({ length: count }, (_, i): MaskObject => {
    const span = Math.min(size.width, size.height);
    const radius = i % 50 === 0 ? span * (0.2 + 0.2 * random()) : span * (0.012 + 0.05 * random());
    const centre = [random() * size.width, random() * size.height] as const;
    const shape = shapeOf(cocoPolygonsToRuns([blob(centre, radius, random)], size));
    if (!shape) throw new Error(`Made object ${i} lies outside of the image.`);
    return {
      ...shape,
      id: `made-${i}`,
      name: `Object ${i + 1}`,
      classId: null,
      colour: i,
      visible: true,
      locked: false,
      source: "everything",
      predictedIou: null,
      stabilityScore: null,
      points: [],
      boxXyxy: null,
    };
  });
}

/** A closed line around a centre: slow waves for the form, quick ones for a ragged edge. */
function blob([x, y]: readonly [number, number], radius: number, random: () => number): number[] {
  const waves = Array.from({ length: 24 }, (_, i) => ({
    amplitude: (0.35 * random()) / (1 + i * 0.6),
    phase: random() * 2 * Math.PI,
  }));
  const corners = Math.max(24, Math.round(radius));
  return Array.from({ length: corners }, (_, i) => {
    const angle = (i / corners) * 2 * Math.PI;
    const swell = waves.reduce(
      (sum, { amplitude, phase }, k) => sum + amplitude * Math.sin((k + 2) * angle + phase),
      1,
    );
    const ragged = radius * swell + (random() - 0.5) * 3;
    return [x + ragged * Math.cos(angle), y + ragged * Math.sin(angle)];
  }).flat();
}

/** Numbers from 0 to 1, the same for the same seed (mulberry32). */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
