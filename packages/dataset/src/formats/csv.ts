/** A field of a table; one that isn't there is empty. */
export type CsvField = string | number | undefined;

/**
 * Writes a table as CSV (RFC 4180, with lines that end in \n): fields with commas, quotes or line ends are
 * quoted.
 */
export function formatCsv(rows: readonly (readonly CsvField[])[]): string {
  return rows.map((row) => `${row.map(formatField).join(",")}\n`).join("");
}

function formatField(field: CsvField): string {
  const text = String(field ?? "");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
