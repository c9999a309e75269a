/** What goes wrong beside requests, for the log. */
type Report = (message: string, error?: unknown) => void;

export interface Reports {
  readonly report: Report;
  /** Has a log take what was reported so far and what comes. */
  sendTo(log: Report): void;
}

/** Keeps reports until there is a log: services open before it. */
export function createReports(): Reports {
  const kept: Parameters<Report>[] = [];
  let log: Report | undefined;
  return {
    report(...report) {
      if (log) log(...report);
      else kept.push(report);
    },
    sendTo(next) {
      log = next;
      for (const report of kept.splice(0)) next(...report);
    },
  };
}
