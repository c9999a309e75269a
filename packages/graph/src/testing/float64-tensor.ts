/** For tests: tensors of float64, row-major. */
export interface Tensor {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export const count = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** The place of element `index`: one number an axis. */
export function at(shape: readonly number[], index: number): number[] {
  const place = shape.map(() => 0);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    place[axis] = index % shape[axis]!;
    index = Math.floor(index / shape[axis]!);
  }
  return place;
}

/** The reverse of {@link at}. */
export function indexOf(shape: readonly number[], place: readonly number[]): number {
  return shape.reduce((index, extent, axis) => index * extent + place[axis]!, 0);
}

export function fill(shape: readonly number[], make: (index: number) => number): Tensor {
  return { shape, data: Float64Array.from({ length: count(shape) }, (_, i) => make(i)) };
}

/** Combines tensors element by element, broadcast as NumPy does. */
export function broadcastMap(
  tensors: readonly Tensor[],
  combine: (values: readonly number[]) => number,
): Tensor {
  const rank = Math.max(...tensors.map(({ shape }) => shape.length));
  const padded = tensors.map(({ shape }) => [...Array<number>(rank - shape.length).fill(1), ...shape]);
  const shape = Array.from({ length: rank }, (_, i) => Math.max(...padded.map((one) => one[i]!)));
  return fill(shape, (i) => {
    const place = at(shape, i);
    const values = tensors.map(({ data }, t) => {
      const own = padded[t]!;
      return data[
        indexOf(
          own,
          place.map((index, axis) => (own[axis] === 1 ? 0 : index)),
        )
      ]!;
    });
    return combine(values);
  });
}
