/** Numbers as people read them. */

const COUNT = new Intl.NumberFormat("en");

/** 12345 -> "12,345" */
export function formatCount(value: number): string {
  return COUNT.format(value);
}

/** 0.934 -> "93 %" */
export function formatPercent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

/** The model's estimate of a mask's IoU; some come out a little above 1, which no IoU is: 1.02 -> "100 %" */
export function formatQuality(predictedIou: number): string {
  return formatPercent(Math.min(1, predictedIou));
}

/** 1 -> "1 object", 2 -> "2 objects" */
export function formatNumberOf(count: number, what: string): string {
  return `${formatCount(count)} ${what}${count === 1 ? "" : "s"}`;
}

/** Bytes in the unit that `ofBytes` is best told in. */
export function formatBytes(bytes: number, ofBytes = bytes): string {
  if (ofBytes >= 1e6) return `${(bytes / 1e6).toFixed(1)} MB`;
  if (ofBytes >= 1e3) return `${Math.round(bytes / 1e3)} kB`;
  return `${bytes} B`;
}

/** 12300 -> "12 s", 840 -> "0.8 s" */
export function formatSeconds(ms: number): string {
  return ms < 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${Math.round(ms / 1000)} s`;
}
