/** An opaque colour, 0..255 each. */
export type Rgb = readonly [red: number, green: number, blue: number];

/** The blue of Meta's notebooks for a single mask. */
export const MASK_BLUE: Rgb = [30, 144, 255];
/** For points on the object, and for boxes. */
export const PROMPT_GREEN: Rgb = [22, 163, 74];
/** For points off the object. */
export const PROMPT_RED: Rgb = [220, 38, 38];
export const WHITE: Rgb = [255, 255, 255];

/** Step around the colour circle that stays far from earlier ones (the golden ratio). */
const HUE_STEP = (Math.sqrt(5) - 1) / 2;

/**
 * Returns colours with distinct hues; consecutive ones differ most. The same seed gives the same colours, and
 * the first n don't depend on the count.
 *
 * @param seed any integer; rotates the colour circle
 */
export function distinctColours(count: number, seed = 0): Rgb[] {
  // An integer seed times the square root of 2 is spread over the circle independently of the steps.
  const start = fraction(0.58 + seed * Math.SQRT2);
  return Array.from({ length: count }, (_, i) => {
    const saturation = [0.78, 0.92, 0.65][Math.floor(i / 7) % 3]!;
    const value = [1, 0.86, 0.95][Math.floor(i / 5) % 3]!;
    return hsvToRgb(fraction(start + i * HUE_STEP), saturation, value);
  });
}

function fraction(value: number): number {
  return value - Math.floor(value);
}

/** @param hue, saturation, value 0..1 */
function hsvToRgb(hue: number, saturation: number, value: number): Rgb {
  const channel = (offset: number) => {
    const k = (offset + hue * 6) % 6;
    return Math.round(255 * value * (1 - saturation * Math.max(0, Math.min(k, 4 - k, 1))));
  };
  return [channel(5), channel(3), channel(1)];
}
