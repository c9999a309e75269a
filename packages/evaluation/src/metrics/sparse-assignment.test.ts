import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assignSparse, type SparseCosts } from "./sparse-assignment.js";

/** costs[row][column], null where there is no edge. */
type CostTable = readonly (readonly (number | null)[])[];

function toGraph(table: CostTable, columnCount: number): SparseCosts {
  const firstEdge: number[] = [];
  const lastEdge: number[] = [];
  const columns: number[] = [];
  const costs: number[] = [];
  for (const row of table) {
    firstEdge.push(columns.length);
    row.forEach((cost, column) => {
      if (cost === null) return;
      columns.push(column);
      costs.push(cost);
    });
    lastEdge.push(columns.length);
  }
  return {
    columnCount,
    firstEdge: Int32Array.from(firstEdge),
    lastEdge: Int32Array.from(lastEdge),
    columns: Int32Array.from(columns),
    costs: Int32Array.from(costs),
  };
}

/** Tries everything. */
function leastCost(table: CostTable, unassigned: number, row = 0, used = 0): number {
  if (row === table.length) return 0;
  let best = unassigned + leastCost(table, unassigned, row + 1, used);
  table[row]!.forEach((cost, column) => {
    if (cost === null || used & (1 << column)) return;
    best = Math.min(best, cost + leastCost(table, unassigned, row + 1, used | (1 << column)));
  });
  return best;
}

function costOf(table: CostTable, columnOf: Int32Array, unassigned: number): number {
  const used = new Set<number>();
  return table.reduce((sum, row, i) => {
    const column = columnOf[i]!;
    if (column === -1) return sum + unassigned;
    expect(used.has(column)).toBe(false);
    used.add(column);
    const cost = row[column];
    expect(cost).not.toBeNull();
    return sum + cost!;
  }, 0);
}

describe("assignSparse", () => {
  it("gives up a cheap pair where the other row would be left alone", () => {
    const table = [
      [1, 2],
      [1, null],
    ];
    expect([...assignSparse(toGraph(table, 2), 100)]).toEqual([1, 0]);
  });

  it("leaves out the row whose place costs most when columns are few", () => {
    const table = [[3], [1], [2]];
    expect([...assignSparse(toGraph(table, 1), 100)]).toEqual([-1, 0, -1]);
  });

  it("leaves a row alone where a pair costs more than that", () => {
    expect([...assignSparse(toGraph([[7]], 1), 5)]).toEqual([-1]);
  });

  it("takes rows without any column", () => {
    expect([...assignSparse(toGraph([[], [4]], 1), 5)]).toEqual([-1, 0]);
  });

  it("makes no pair that costs as much as leaving the row alone", () => {
    expect([...assignSparse(toGraph([[5]], 1), 5)]).toEqual([-1]);
    expect([...assignSparse(toGraph([[4]], 1), 5)]).toEqual([0]);
  });

  it("takes the first of columns at the same cost", () => {
    const pairs = (table: CostTable) => [...assignSparse(toGraph(table, 3), 100)];
    expect(pairs([[1, 1, 1]])).toEqual([0]);
    expect(pairs([[1], [1, 3, 3]])).toEqual([0, 1]); // found by a search, since the cheapest is taken
  });

  it("serves rows whose cheapest column is free before others that cost the same", () => {
    const table = [
      [1, null],
      [1, 1],
      [null, 1],
    ];
    expect([...assignSparse(toGraph(table, 2), 100)]).toEqual([0, -1, 1]);
  });

  it("pairs a row rather than leave one alone at the same cost", () => {
    const table = [
      [1, null],
      [0, 9],
    ];
    expect([...assignSparse(toGraph(table, 2), 10)]).toEqual([0, 1]); // 1 + 9, as leaving one alone: 0 + 10
  });

  it("moves the row first found where either of two could move at the same cost", () => {
    const table = [
      [1, null, 2, null],
      [null, 1, 2, null],
      [1, 1, null, null],
      [null, null, 1, 5],
    ];
    expect([...assignSparse(toGraph(table, 4), 100)]).toEqual([2, 1, 0, 3]);
  });

  const tables = fc.integer({ min: 1, max: 6 }).chain((columns) =>
    fc.tuple(
      fc.array(
        fc.array(fc.option(fc.integer({ min: 0, max: 9 }), { freq: 2 }), {
          minLength: columns,
          maxLength: columns,
        }),
        { minLength: 1, maxLength: 6 },
      ),
      fc.constant(columns),
      fc.constantFrom(4, 12, 1000),
    ),
  );

  it("costs as little as the best of all assignments", () => {
    fc.assert(
      fc.property(tables, ([table, columns, unassigned]) => {
        const assignment = assignSparse(toGraph(table, columns), unassigned);
        expect(costOf(table, assignment, unassigned)).toBe(leastCost(table, unassigned));
      }),
      { numRuns: 2000 },
    );
  });

  it("costs the same whichever side is called rows, at a size beyond trying everything", () => {
    const random = fc.sample(
      fc.array(fc.integer({ min: 0, max: 999 }), { minLength: 3600, maxLength: 3600 }),
      {
        numRuns: 5,
        seed: 7,
      },
    );
    for (const values of random) {
      const table = Array.from({ length: 60 }, (_, r) =>
        Array.from({ length: 60 }, (_, c) => (values[60 * r + c]! < 120 ? values[60 * r + c]! : null)),
      );
      const turned = Array.from({ length: 60 }, (_, c) => table.map((row) => row[c]!));
      const cost = (of: CostTable) => costOf(of, assignSparse(toGraph(of, 60), 20_000), 20_000);
      expect(cost(table)).toBe(cost(turned));
    }
  });
});
