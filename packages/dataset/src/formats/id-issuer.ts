/** Gives out numbers, each once. */
export interface IdIssuer {
  /** The number itself, or where it was given out before, one above all so far. */
  issue(id: number): number;
}

/**
 * Makes sure that numbers are unique. Ten million of them take about 200 MB, half of what a Set would take;
 * rising ones take next to nothing until the first that doesn't rise.
 */
export function createIdIssuer(): IdIssuer {
  const table = createIdTable();
  let highest = -1;
  return {
    issue(id) {
      const issued = table.add(id) ? id : highest + 1;
      if (issued !== id) table.add(issued);
      highest = Math.max(highest, issued);
      return issued;
    },
  };
}

/** Remembers whole numbers ≥ 0. */
export interface IdTable {
  /** False when the number was there before. */
  add(id: number): boolean;
}

/** Begins with rising numbers as ranges and changes to a hash table when one doesn't rise. */
export function createIdTable(): IdTable {
  const ranges: { first: number; last: number }[] = [];
  let hashed: HashTable | undefined;
  const toHash = (): HashTable => {
    const table = createHashTable();
    for (const { first, last } of ranges) for (let id = first; id <= last; id++) table.add(id);
    ranges.length = 0;
    return table;
  };
  return {
    add(id) {
      if (hashed) return hashed.add(id);
      const range = ranges.at(-1);
      if (range && id === range.last + 1) range.last = id;
      else if ((!range || id > range.last) && ranges.length < maxRanges) ranges.push({ first: id, last: id });
      else {
        hashed = toHash();
        return hashed.add(id);
      }
      return true;
    },
  };
}

const maxRanges = 65_536;

interface HashTable {
  add(id: number): boolean;
}

const emptySlot = -1;

/** Open addressing in one typed array, doubled when it is two thirds full. */
function createHashTable(): HashTable {
  let slots = new Float64Array(1024).fill(emptySlot);
  let count = 0;
  const place = (table: Float64Array, id: number): boolean => {
    const mask = table.length - 1;
    // Both halves of the number count; 0x9e3779b1 spreads neighbours.
    let slot = Math.imul((id | 0) ^ Math.floor(id / 2 ** 32), 0x9e3779b1) >>> 0;
    for (slot = (slot ^ (slot >>> 15)) & mask; table[slot] !== emptySlot; slot = (slot + 1) & mask) {
      if (table[slot] === id) return false;
    }
    table[slot] = id;
    return true;
  };
  return {
    add(id) {
      if (!place(slots, id)) return false;
      count++;
      if (count * 3 > slots.length * 2) {
        const larger = new Float64Array(slots.length * 2).fill(emptySlot);
        for (const held of slots) if (held !== emptySlot) place(larger, held);
        slots = larger;
      }
      return true;
    },
  };
}
