/** Arrow keys through rows, and through the buttons of a row. */

/**
 * Moves the focus.
 *
 * @param grid its rows have the role `row`
 * @returns whether the key is one of those that move
 */
export function moveInGrid(grid: HTMLElement, from: HTMLElement, key: string): boolean {
  if (from.matches("input")) return false;
  const rows = [...grid.querySelectorAll<HTMLElement>("[role=row]")];
  const rowIndex = rows.findIndex((row) => row.contains(from));
  const cells = buttonsOf(rows[rowIndex]);
  const column = cells.indexOf(from);
  const inRow = (index: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))];
    return buttonsOf(row)[Math.max(0, column)];
  };
  const inColumn = (index: number) => cells[Math.max(0, Math.min(cells.length - 1, index))];
  const targets = new Map([
    ["ArrowDown", () => inRow(rowIndex + 1)],
    ["ArrowUp", () => inRow(rowIndex - 1)],
    ["Home", () => inRow(0)],
    ["End", () => inRow(rows.length - 1)],
    ["ArrowRight", () => inColumn(column + 1)],
    ["ArrowLeft", () => inColumn(column - 1)],
  ]);
  const target = targets.get(key);
  target?.()?.focus();
  return target !== undefined;
}

function buttonsOf(row: HTMLElement | undefined): HTMLElement[] {
  return [...(row?.querySelectorAll<HTMLElement>(".row-control") ?? [])];
}
