import { Download } from "lucide-react";
import type { EngineStatisticsTable } from "../api/engine.js";
import { formatCount } from "../text.js";
import { formatDecimal, formatIou, formatShare, formatTime } from "./figures.js";

type Row = EngineStatisticsTable["rows"][number];

type Column = readonly [title: string, explained: string, of: (row: Row) => string];

const COLUMNS: readonly Column[] = [
  ["Masks", "Masks that were made", ({ masks }) => formatCount(masks)],
  ["Changes", "Changes of masks that were there", ({ edits }) => formatCount(edits)],
  ["Work", "Time of work, without pauses", ({ activeMs }) => formatTime(activeMs)],
  [
    "Seconds a mask",
    "Time of work for each mask made",
    ({ secondsPerMask }) => formatDecimal(secondsPerMask),
  ],
  ["Clicks a mask", "Clicks for each mask made", ({ clicksPerMask }) => formatDecimal(clicksPerMask)],
  [
    "Accepted as made",
    "Of the masks of accepted jobs those that nobody else had to change or delete",
    ({ acceptedShare, reviewed }) => (reviewed === 0 ? "–" : `${formatShare(acceptedShare)} of ${reviewed}`),
  ],
  [
    "IoU to ground truth",
    "Mean over the masks on images with ground truth; 0 for a mask that it does not have",
    ({ truthIou }) => formatIou(truthIou),
  ],
  [
    "Agreement",
    "Mean IoU to the masks of others who labelled the same image; 0 for a mask that another lacks",
    ({ agreement }) => formatIou(agreement),
  ],
];

export interface StatisticsTableProps {
  readonly title: string;
  /** Above the first column. */
  readonly of: string;
  readonly table: EngineStatisticsTable;
  readonly nameOf: (key: string) => string;
  /** Address of the same as CSV. */
  readonly csv: string;
}

export function StatisticsTable({ title, of, table, nameOf, csv }: StatisticsTableProps) {
  return (
    <>
      <div className="statistics-title">
        <h3>{title}</h3>
        <a className="button button-quiet" href={csv} download>
          <Download aria-hidden="true" /> CSV
        </a>
      </div>
      {table.rows.length === 0 ? (
        <p className="muted">Nothing was labelled yet.</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keys.
        <section className="table-frame" aria-label={title} tabIndex={0}>
          <table className="job-table statistics-table">
            <thead>
              <tr>
                <th scope="col">{of}</th>
                {COLUMNS.map(([name, explained]) => (
                  <th key={name} scope="col" title={explained}>
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {table.rows.map((row) => (
                <tr key={row.key}>
                  <th scope="row">{nameOf(row.key)}</th>
                  {COLUMNS.map(([name, , text]) => (
                    <td key={name}>{text(row)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </>
  );
}
