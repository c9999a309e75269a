/** Reports an error that belongs to no request. */
type Report = (message: string, error?: unknown) => void;

export interface Reports {
  readonly report: Report;
  /** Sends past and future reports to a log. */
  sendTo(log: Report): void;
}

/** Buffers reports until the log exists: services open before it. */
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
