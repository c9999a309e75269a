import type { Context } from "./context.js";

/** An entry of the audit log. */
export interface AuditLogEntry {
  /** Grows with each entry. */
  readonly sequence: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** null for the machine. */
  readonly person: string | null;
  readonly event: string;
  readonly project: string | null;
  readonly object: string;
  readonly details: Readonly<Record<string, unknown>>;
}

export interface AuditLogQuery {
  /** Only entries of this project. */
  readonly project?: string | undefined;
  /** `sequence` of the last entry that was seen. */
  readonly after?: number | undefined;
  readonly limit?: number;
}

/** What was changed, by whom and when. Parts of the data engine add entries with `audit`. */
export interface AuditLog {
  /** First to last; `after` is for the next call, null at the end. */
  read(query?: AuditLogQuery): Promise<{
    readonly items: readonly AuditLogEntry[];
    readonly after: number | null;
  }>;
}

export function createAuditLog({ db }: Context): AuditLog {
  return {
    async read({ project, after = 0, limit = 100 } = {}) {
      let query = db.selectFrom("audit_log").selectAll().where("sequence", ">", after);
      if (project !== undefined) query = query.where("project_id", "=", project);
      const rows = await query.orderBy("sequence").limit(limit).execute();
      const items = rows.map((row) => ({
        ...{ sequence: row.sequence, at: row.at, person: row.person_id, event: row.event },
        ...{ project: row.project_id, object: row.object_id },
        details: JSON.parse(row.details_json) as Readonly<Record<string, unknown>>,
      }));
      return { items, after: items.length === limit ? items.at(-1)!.sequence : null };
    },
  };
}
