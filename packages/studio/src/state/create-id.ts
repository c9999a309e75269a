let last = 0;

/** A name that no other thing of this page has. */
export function createId(prefix: string): string {
  last++;
  return `${prefix}-${last}`;
}
