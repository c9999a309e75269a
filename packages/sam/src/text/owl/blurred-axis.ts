/** The inputs that one output along an axis is made of. */
export interface Taps {
  /** Place of the first input. */
  readonly first: number;
  /** One for each input from there on; their sum is 1. */
  readonly weights: Float64Array;
}

/** How many deviations a Gaussian reaches (SciPy's `truncate`). */
const REACH = 4;

/**
 * A Gaussian filter against aliasing, then linear interpolation between pixel centres, along one axis
 * (`resize` of scikit-image with order 1). Beyond its ends the axis is mirrored at the outermost pixels.
 *
 * @param from inputs of the axis
 * @param to outputs
 */
export function blurredAxis(from: number, to: number): Taps[] {
  const factor = from / to;
  const kernel = gaussian(Math.max(0, (factor - 1) / 2));
  const radius = (kernel.length - 1) / 2;
  return Array.from({ length: to }, (_, output) => {
    const place = (output + 0.5) * factor - 0.5;
    const left = Math.floor(place);
    const shares = new Map<number, number>();
    for (const [at, share] of [
      [left, 1 - (place - left)],
      [left + 1, place - left],
    ] as const)
      kernel.forEach((weight, i) => {
        const input = mirrored(mirrored(at, from) + i - radius, from);
        shares.set(input, (shares.get(input) ?? 0) + share * weight);
      });
    return toTaps(shares);
  });
}

function gaussian(deviation: number): Float64Array {
  if (deviation === 0) return Float64Array.of(1);
  const radius = Math.floor(REACH * deviation + 0.5);
  const weights = Float64Array.from({ length: 2 * radius + 1 }, (_, i) =>
    Math.exp(-((i - radius) ** 2) / (2 * deviation ** 2)),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** A place on the axis, which goes on as if mirrored at the centres of its first and last pixel. */
function mirrored(place: number, length: number): number {
  if (length === 1) return 0;
  const period = 2 * (length - 1);
  const within = ((place % period) + period) % period;
  return within < length ? within : period - within;
}

function toTaps(shares: ReadonlyMap<number, number>): Taps {
  const places = [...shares.keys()];
  const first = Math.min(...places);
  const weights = new Float64Array(Math.max(...places) - first + 1);
  for (const [place, share] of shares) weights[place - first] = share;
  return { first, weights };
}
