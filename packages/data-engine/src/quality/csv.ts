import type { QualityRow } from "./quality-tables.js";

const COLUMNS: readonly (readonly [name: string, of: (row: QualityRow) => string | number | null])[] = [
  ["key", ({ key }) => key],
  ["masks", ({ masks }) => masks],
  ["edits", ({ edits }) => edits],
  ["deletions", ({ deletions }) => deletions],
  ["clicks", ({ clicks }) => clicks],
  ["active_seconds", ({ activeMs }) => activeMs / 1000],
  ["seconds_per_mask", ({ secondsPerMask }) => secondsPerMask],
  ["clicks_per_mask", ({ clicksPerMask }) => clicksPerMask],
  ["reviewed", ({ reviewed }) => reviewed],
  ["accepted_as_made", ({ kept }) => kept],
  ["corrected", ({ corrected }) => corrected],
  ["removed", ({ removed }) => removed],
  ["accepted_share", ({ acceptedShare }) => acceptedShare],
  ["ground_truth_iou", ({ truthIou }) => truthIou],
  ["agreement", ({ agreement }) => agreement],
];

/**
 * Statistics as CSV (RFC 4180), with a line of names first. Numbers that do not exist are empty. Names that a
 * spreadsheet would take for a formula get an apostrophe in front.
 */
export function statisticsCsv(rows: readonly QualityRow[]): string {
  const lines = [COLUMNS.map(([name]) => name), ...rows.map((row) => COLUMNS.map(([, of]) => cell(of(row))))];
  return lines.map((cells) => `${cells.join(",")}\r\n`).join("");
}

function cell(value: string | number | null): string {
  if (typeof value !== "string") return value === null ? "" : String(value);
  const text = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
