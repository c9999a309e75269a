/** Changes that the data engine has not confirmed yet, kept in this browser so that no outage loses them. */

import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { EngineChange } from "../api/engine.js";

/** A change that waits for its confirmation. */
export interface WaitingChange {
  readonly job: string;
  readonly image: string;
  /** Who made it: nobody else sends it. */
  readonly person: string;
  /** In the order of these numbers. */
  readonly order: number;
  readonly change: EngineChange;
}

/** By the change's id; a change of the same id is replaced. */
export interface Outbox {
  /** A person's, in their order. */
  list(person: string): Promise<readonly WaitingChange[]>;
  put(changes: readonly WaitingChange[]): Promise<void>;
  remove(changeIds: readonly string[]): Promise<void>;
}

interface Tables extends DBSchema {
  changes: { key: string; value: WaitingChange };
}

/** Kept in memory alone where this browser gives the page no storage. */
export async function openOutbox(name = "segany-outbox"): Promise<Outbox> {
  try {
    const database = await openDB<Tables>(name, 1, {
      upgrade: (created) => void created.createObjectStore("changes"),
    });
    return createOutbox(database);
  } catch {
    return createMemoryOutbox();
  }
}

function createOutbox(database: IDBPDatabase<Tables>): Outbox {
  return {
    list: async (person) => ofPerson(await database.getAll("changes"), person),
    async put(changes) {
      const transaction = database.transaction("changes", "readwrite");
      for (const waiting of changes) void transaction.store.put(waiting, waiting.change.change);
      await transaction.done;
    },
    async remove(changeIds) {
      const transaction = database.transaction("changes", "readwrite");
      for (const id of changeIds) void transaction.store.delete(id);
      await transaction.done;
    },
  };
}

function createMemoryOutbox(): Outbox {
  const kept = new Map<string, WaitingChange>();
  return {
    list: async (person) => ofPerson([...kept.values()], person),
    async put(changes) {
      for (const waiting of changes) kept.set(waiting.change.change, waiting);
    },
    async remove(changeIds) {
      for (const id of changeIds) kept.delete(id);
    },
  };
}

function ofPerson(changes: readonly WaitingChange[], person: string): readonly WaitingChange[] {
  return changes.filter((waiting) => waiting.person === person).sort((a, b) => a.order - b.order);
}
