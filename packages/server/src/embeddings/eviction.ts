/** What a cache decides by: the sizes of its entries and when each was last used. */
import type { EmbeddingEntry } from "./embedding-store.js";

type Entries = ReadonlyMap<string, EmbeddingEntry>;

export function bytesOf(entries: Entries): number {
  return [...entries.values()].reduce((sum, { bytes }) => sum + bytes, 0);
}

/** The ids in the order of eviction. */
export function leastRecentlyUsed(entries: Entries): string[] {
  return [...entries].sort(([, a], [, b]) => a.usedMs - b.usedMs).map(([id]) => id);
}

/** Whether that many more entries fit, each as large as the largest. */
export function hasRoomFor(count: number, entries: Entries, maxBytes: number): boolean {
  const largest = Math.max(0, ...[...entries.values()].map(({ bytes }) => bytes));
  return bytesOf(entries) + count * largest <= maxBytes;
}
