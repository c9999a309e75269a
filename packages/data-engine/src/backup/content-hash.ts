import { createHash } from "node:crypto";

/** Sums up rows, whatever their order: two databases have the same sum if they have the same rows. */
export interface ContentHash {
  /** @param line the row as JSON, columns in the order of their names */
  add(table: string, line: string): void;
  readonly counts: Readonly<Record<string, number>>;
  sha256(): string;
}

const MODULUS = 1n << 256n;

/** Hashes of rows are added up, by table; the result is the hash of names, counts and sums. */
export function createContentHash(): ContentHash {
  const sums = new Map<string, bigint>();
  const counts: Record<string, number> = {};
  return {
    add(table, line) {
      const hash = BigInt(`0x${createHash("sha256").update(line).digest("hex")}`);
      sums.set(table, ((sums.get(table) ?? 0n) + hash) % MODULUS);
      counts[table] = (counts[table] ?? 0) + 1;
    },
    counts,
    sha256() {
      const lines = [...sums.keys()].sort().map((table) => `${table} ${counts[table]} ${sums.get(table)}\n`);
      return createHash("sha256").update(lines.join("")).digest("hex");
    },
  };
}
