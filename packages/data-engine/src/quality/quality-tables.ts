import type { Context } from "../context.js";
import { createStatistics, type StatisticsRow } from "../statistics/statistics.js";
import type { StatisticsFilter } from "../statistics/statistics-key.js";
import { NO_QUALITY, type Quality, readQuality } from "./quality.js";

/** Sums of one group, with what became of its masks. */
export interface QualityRow extends StatisticsRow, Quality {}

export interface QualityTable {
  /** Whether only a part of the masks was looked at for acceptance. */
  readonly isSample: boolean;
  /** Of all groups. */
  readonly total: Quality;
  /** In the order of the keys. */
  readonly rows: readonly QualityRow[];
}

/** What labelling costs beside how good the masks are. */
export interface QualityTables {
  /** @throws DataEngineError `invalid` for a period that ends before it starts, `not-found` */
  read(project: string, filter: StatisticsFilter): Promise<QualityTable>;
}

export function createQualityTables(context: Context): QualityTables {
  const statistics = createStatistics(context);
  return {
    async read(project, filter) {
      const { groups, ...rest } = await readQuality(context.db, project, filter);
      const known = new Map((await statistics.list(project, filter)).map((row) => [row.key, row]));
      const keys = [...new Set([...known.keys(), ...groups.keys()])].sort();
      const rows = keys.map((key) => ({
        ...(known.get(key) ?? { ...NOTHING_MADE, key }),
        ...(groups.get(key) ?? NO_QUALITY),
      }));
      return { ...rest, rows };
    },
  };
}

const NOTHING_MADE: Omit<StatisticsRow, "key"> = {
  ...{ masks: 0, edits: 0, deletions: 0, clicks: 0, activeMs: 0 },
  ...{ secondsPerMask: null, clicksPerMask: null },
};
