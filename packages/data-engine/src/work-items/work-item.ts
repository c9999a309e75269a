import type { WorkItemTable } from "../store/schema.js";

/**
 * `queued` until a worker claims it, `running` while one has it. `done`, `dead` (its attempts are used up, or
 * trying again can't help) and `cancelled` are the ends.
 */
export type WorkState = "queued" | "running" | "done" | "dead" | "cancelled";

/** Work of the machine: an import, an export, embeddings, masks of whole images. */
export interface WorkItem {
  readonly id: string;
  /** Name of the handler. */
  readonly kind: string;
  readonly project: string | null;
  /** What the handler needs to know; plain JSON. */
  readonly payload: unknown;
  readonly state: WorkState;
  /** Largest first. */
  readonly priority: number;
  /** Number of the present or last attempt, from 1; 0 before the first. It grows with each claim. */
  readonly attempt: number;
  /** The attempt after which no other is made. */
  readonly maxAttempts: number;
  /** Not claimed before this time. */
  readonly runAt: number;
  readonly worker: string | null;
  readonly leaseExpiresAt: number | null;
  /** Whether somebody wants it to end; its worker learns of it with the next heartbeat. */
  readonly cancelRequested: boolean;
  /** What the worker reported last; plain JSON. */
  readonly progress: unknown;
  /** Of work that is done; plain JSON. */
  readonly result: unknown;
  /** Why the last attempt failed, or why the work is dead. */
  readonly error: string | null;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** Work to submit. */
export interface NewWork {
  /** Made by `newId`, for whoever needs it before; by the queue by default. */
  readonly id?: string;
  readonly kind: string;
  readonly project?: string | null;
  /** null by default. */
  readonly payload?: unknown;
  /** 0 to 1000, largest first; 100 by default. */
  readonly priority?: number;
  /** 1 to 1000; 3 by default. */
  readonly maxAttempts?: number;
  /** Not before this time, milliseconds since 1970; at once by default. */
  readonly runAt?: number;
}

/** The right to write for one attempt of a work item. A claimed item is one. */
export type HeldWork = Pick<WorkItem, "id" | "attempt">;

export function toWorkItem(row: WorkItemTable): WorkItem {
  return {
    id: row.id,
    kind: row.kind,
    project: row.project_id,
    payload: JSON.parse(row.payload_json),
    state: row.state as WorkState,
    priority: row.priority,
    attempt: row.attempt,
    maxAttempts: row.max_attempts,
    runAt: row.run_at,
    worker: row.lease_owner,
    leaseExpiresAt: row.lease_expires_at,
    cancelRequested: row.cancel_requested === 1,
    progress: fromJson(row.progress_json),
    result: fromJson(row.result_json),
    error: row.error,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

const fromJson = (json: string | null): unknown => (json === null ? null : JSON.parse(json));

/** JSON of any value; what JSON can't say, such as undefined, is null. */
export const toJson = (value: unknown): string => JSON.stringify(value ?? null) ?? "null";
