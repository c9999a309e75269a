import { SamError } from "./errors.js";
import type { Mask } from "./types.js";

/** Changes in row order: the columns, and for each row how many changes lie in it and the rows above. */
interface RowChanges {
  columns: Uint32Array;
  length: number;
  readonly rowEnds: Uint32Array;
}

/**
 * Finds where a column-major scan of a row-major mask changes value: rising column-major positions (x *
 * height + y), the pixel before the first counting as outside.
 *
 * Rows are compared with the row above in memory order, four pixels at a time, and only the changes are
 * sorted by column; nothing of the mask's size is transposed or allocated.
 *
 * @throws SamError `mask-invalid` for a value other than 0 and 1 (each must show up at a change)
 */
export function findChanges(mask: Mask): Uint32Array {
  const { width, height, data } = mask;
  const changes: RowChanges = {
    columns: new Uint32Array(1024),
    length: 0,
    rowEnds: new Uint32Array(height),
  };
  if (width === 0 || height === 0) return new Uint32Array(0);
  findTopRowChanges(mask, changes);
  // A DataView reads words at any offset: rows are aligned only where the width is a multiple of four.
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  for (let y = 1; y < height; y++) {
    reserve(changes, width);
    changes.length = findRowChanges(mask, view, y, changes.columns, changes.length);
    changes.rowEnds[y] = changes.length;
  }
  return sortByColumn(changes, width, height);
}

/** The scan reaches the top of a column from the bottom of the column before it. */
function findTopRowChanges({ width, height, data }: Mask, changes: RowChanges): void {
  reserve(changes, width);
  let above = 0;
  for (let x = 0; x < width; x++) {
    const value = data[x]!;
    if (value !== above) {
      if (value > 1) throw notBinary(value, x, 0);
      changes.columns[changes.length++] = x;
    }
    above = data[(height - 1) * width + x]!;
  }
  changes.rowEnds[0] = changes.length;
}

function findRowChanges(
  { width, data }: Mask,
  view: DataView,
  y: number,
  columns: Uint32Array,
  length: number,
): number {
  const row = y * width;
  for (let x = 0; x < width; ) {
    const i = row + x;
    if (x + 4 <= width && view.getInt32(i, true) === view.getInt32(i - width, true)) {
      x += 4;
      continue;
    }
    const end = Math.min(x + 4, width);
    for (; x < end; x++) {
      const value = data[row + x]!;
      if (value === data[row + x - width]) continue;
      if (value > 1) throw notBinary(value, x, y);
      columns[length++] = x;
    }
  }
  return length;
}

function reserve(changes: RowChanges, more: number): void {
  const needed = changes.length + more;
  if (needed <= changes.columns.length) return;
  const larger = new Uint32Array(Math.max(needed, 2 * changes.columns.length));
  larger.set(changes.columns.subarray(0, changes.length));
  changes.columns = larger;
}

/** A counting sort: stable, so within a column the rows stay in order. */
function sortByColumn({ columns, length, rowEnds }: RowChanges, width: number, height: number): Uint32Array {
  const next = new Uint32Array(width + 1);
  for (let i = 0; i < length; i++) next[columns[i]! + 1]!++;
  for (let x = 1; x < width; x++) next[x]! += next[x - 1]!;
  const positions = new Uint32Array(length);
  let i = 0;
  for (let y = 0; y < height; y++) {
    for (const end = rowEnds[y]!; i < end; i++) {
      const x = columns[i]!;
      positions[next[x]!++] = x * height + y;
    }
  }
  return positions;
}

function notBinary(value: number, x: number, y: number): SamError {
  return new SamError(
    "mask-invalid",
    `The mask has the value ${value} at column ${x}, row ${y}; a mask holds 0 outside and 1 inside.`,
  );
}
