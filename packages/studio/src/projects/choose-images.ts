/** Which images a new task gets. Pure. */

/** An image that could be of a task. */
export interface KnownImage {
  readonly id: string;
  readonly name: string;
}

export interface ImageChoice {
  /** With `*` for any characters and `?` for one, in capitals or not; empty for every name. */
  readonly pattern: string;
  /** So many at most, the first by name; null for all. */
  readonly most: number | null;
  /** Ids of images that are left out. */
  readonly except: ReadonlySet<string>;
}

/** By name, numbers in it by their value. */
export function chooseImages<T extends KnownImage>(
  images: readonly T[],
  { pattern, most, except }: ImageChoice,
): readonly T[] {
  const isWanted = namePattern(pattern);
  const found = images
    .filter(({ id, name }) => !except.has(id) && isWanted(name))
    .sort((a, b) => ORDER.compare(a.name, b.name));
  return most === null ? found : found.slice(0, most);
}

const ORDER = new Intl.Collator("en", { numeric: true });

function namePattern(pattern: string): (name: string) => boolean {
  const trimmed = pattern.trim().toLowerCase();
  if (trimmed === "") return () => true;
  return (name) => matches(trimmed, name.toLowerCase());
}

/** Without a regular expression, which a pattern with many `*` would keep busy for ever. */
function matches(pattern: string, name: string): boolean {
  let [p, n, star, retry] = [0, 0, -1, 0];
  while (n < name.length) {
    if (p < pattern.length && pattern[p] === "*") {
      star = p++;
      retry = n;
    } else if (p < pattern.length && (pattern[p] === "?" || pattern[p] === name[n])) {
      p++;
      n++;
    } else if (star >= 0) {
      p = star + 1;
      n = ++retry;
    } else return false;
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}
