import { DataEngineError } from "../errors.js";
import { dayOf } from "./add-to-statistics.js";

/** What statistics can be grouped by. Days and weeks (from Monday) are those of UTC. */
export type StatisticsKey = "person" | "source" | "model" | "stage" | "class" | "day" | "week";

export interface StatisticsFilter {
  readonly by: StatisticsKey;
  /** Start of the first day, milliseconds since 1970. */
  readonly from?: number;
  /** Any time of the last day. */
  readonly to?: number;
}

const DAY_MS = 86_400_000;

/** 1970-01-01 was a Thursday. */
const MONDAY = 3;
const WEEK_DAYS = 7;

/** @param value a name, or a day in days since 1970 */
export function keyOf(by: StatisticsKey, value: string | number): string {
  if (typeof value === "string") return value;
  const day = by === "week" ? value - ((value + MONDAY) % WEEK_DAYS) : value;
  return new Date(day * DAY_MS).toISOString().slice(0, 10);
}

/** First and last day of a period. @throws DataEngineError `invalid` for one that ends before it starts */
export function daysOf({ from, to }: Pick<StatisticsFilter, "from" | "to">): {
  readonly first: number | undefined;
  readonly last: number | undefined;
} {
  if (from !== undefined && to !== undefined && to < from)
    throw new DataEngineError("invalid", "The period ends before it starts.");
  return { first: from === undefined ? from : dayOf(from), last: to === undefined ? to : dayOf(to) };
}
