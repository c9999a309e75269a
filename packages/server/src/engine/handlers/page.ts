/** A page of a list that is ordered by id, with where the next one begins. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly after: string | null;
}

/** @param limit that of the query: a page that is full may be followed by another */
export function toPage<T extends { readonly id: string }>(
  items: readonly T[],
  { limit }: { readonly limit: number },
): Page<T> {
  return { items, after: items.length === limit ? items.at(-1)!.id : null };
}
