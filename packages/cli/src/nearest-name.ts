/** Further apart than this share of the longer one, two names don't look like a slip. */
const FARTHEST = 0.4;

/**
 * The name that someone may have meant; undefined if none is near. Letters' case, dashes and underscores
 * don't count.
 */
export function nearestName(name: string, names: readonly string[]): string | undefined {
  const plain = (text: string) => text.toLowerCase().replace(/[-_]/g, "");
  const wanted = plain(name);
  const distances = names.map((each) => editDistance(wanted, plain(each)));
  const least = Math.min(...distances);
  const nearest = names[distances.indexOf(least)];
  if (nearest === undefined) return undefined;
  return least <= FARTHEST * Math.max(wanted.length, plain(nearest).length) ? nearest : undefined;
}

/** Characters to insert, delete or replace to make one text of the other (Levenshtein). */
export function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...from].entries()) {
    const next = [i + 1];
    for (let j = 0; j < to.length; j++)
      next.push(Math.min(row[j + 1]! + 1, next[j]! + 1, row[j]! + (letter === to[j] ? 0 : 1)));
    row = next;
  }
  return row.at(-1)!;
}
