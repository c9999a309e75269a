/** A map that evicts the least recently used entry above its size and calls `onEvict` with the value. */
export interface LruMap<K, V> {
  get(key: K): V | undefined;
  set(key: K, value: V): void;
  delete(key: K): V | undefined;
}

export function createLruMap<K, V>(
  size: number,
  onEvict: (value: V) => void = () => undefined,
): LruMap<K, V> {
  const entries = new Map<K, V>(); // in order of use: a Map keeps the order of insertion
  return {
    get(key) {
      const value = entries.get(key);
      if (value === undefined) return undefined;
      entries.delete(key);
      entries.set(key, value);
      return value;
    },
    set(key, value) {
      entries.delete(key);
      entries.set(key, value);
      for (const [oldest, old] of entries) {
        if (entries.size <= size) break;
        entries.delete(oldest);
        onEvict(old);
      }
    },
    delete(key) {
      const value = entries.get(key);
      entries.delete(key);
      return value;
    },
  };
}
