/** Columns by distance, smallest first; a column may be in it several times. */
export interface ColumnHeap {
  clear(): void;
  /** The smallest distance; infinite in an empty heap. */
  topDistance(): number;
  push(column: number, distance: number): void;
  /** Removes a column with the smallest distance. The heap must not be empty. */
  pop(): number;
}

/** A binary heap. */
export function createColumnHeap(): ColumnHeap {
  const columns: number[] = [];
  const distances: number[] = [];
  let count = 0;
  const place = (at: number, column: number, distance: number): void => {
    columns[at] = column;
    distances[at] = distance;
  };
  return {
    clear() {
      count = 0;
    },
    topDistance: () => (count === 0 ? Number.POSITIVE_INFINITY : distances[0]!),
    push(column, distance) {
      let at = count++;
      while (at > 0) {
        const parent = (at - 1) >> 1;
        // Stryker disable next-line EqualityOperator: equal distances have no order.
        if (distances[parent]! <= distance) break;
        place(at, columns[parent]!, distances[parent]!);
        at = parent;
      }
      place(at, column, distance);
    },
    pop() {
      const top = columns[0]!;
      const column = columns[--count]!;
      const distance = distances[count]!;
      let at = 0;
      // What moves to the top is still at `count`, so that an only child is compared with it as its sibling.
      for (let child = 1; child < count; child = 2 * at + 1) {
        // Stryker disable next-line EqualityOperator: equal distances have no order.
        if (distances[child + 1]! < distances[child]!) child++;
        // Stryker disable next-line EqualityOperator: as above.
        if (distances[child]! >= distance) break;
        place(at, columns[child]!, distances[child]!);
        at = child;
      }
      place(at, column, distance);
      return top;
    },
  };
}
