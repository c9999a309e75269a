/** A page of one of the data engine's lists. */
interface Page<T> {
  readonly items: readonly T[];
  readonly after: string | null;
}

/** Reads a list to its end, page by page. */
export async function readAll<T>(
  read: (after: string | undefined) => Promise<Page<T>>,
): Promise<readonly T[]> {
  const items: T[] = [];
  let after: string | undefined;
  do {
    const page = await read(after);
    items.push(...page.items);
    after = page.after ?? undefined;
  } while (after !== undefined);
  return items;
}
