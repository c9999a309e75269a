import { type ColumnHeap, createColumnHeap } from "./column-heap.js";

/**
 * A bipartite graph with few edges. Row r has the edges `firstEdge[r]` to `lastEdge[r]` (exclusive), so that
 * several graphs may share one list of edges.
 */
export interface SparseCosts {
  readonly columnCount: number;
  readonly firstEdge: Int32Array;
  readonly lastEdge: Int32Array;
  /** Column of each edge. */
  readonly columns: Int32Array;
  /** Cost of each edge, ≥ 0; whole numbers keep all sums exact. */
  readonly costs: Int32Array | Float64Array;
}

/**
 * The one-to-one assignment of rows to columns with the least total cost, where leaving a row without a
 * column costs `unassignedCost`: a pair has to cost less. Exact: shortest augmenting paths with prices
 * (Jonker and Volgenant 1987), each search ending at a free column or at the cheapest row to leave out.
 * Columns may stay free at no cost.
 *
 * @returns the column of each row, -1 for none
 *
 * @example
 * const costs = {
 *   columnCount: 2,
 *   firstEdge: Int32Array.of(0, 2),
 *   lastEdge: Int32Array.of(2, 3),
 *   columns: Int32Array.of(0, 1, 0),
 *   costs: Int32Array.of(1, 2, 1),
 * };
 * console.log(assignSparse(costs, 100)); // Int32Array(2) [ 1, 0 ]
 */
export function assignSparse(graph: SparseCosts, unassignedCost: number): Int32Array {
  const state = createState(graph);
  assignTightRows(graph, state, unassignedCost);
  for (let row = 0; row < state.columnOf.length; row++) {
    if (state.columnOf[row] === -1) augment(graph, state, unassignedCost, row);
  }
  return state.columnOf;
}

interface AssignmentState {
  readonly columnOf: Int32Array;
  readonly rowOf: Int32Array;
  /** The edge by which a column is assigned. */
  readonly edgeOf: Int32Array;
  /** Prices of columns, ≤ 0: costs less prices are what the search goes by. */
  readonly prices: Float64Array;
  /** Of the running search: distance of each column, the row before it and the edge between. */
  readonly distances: Float64Array;
  readonly rowBefore: Int32Array;
  readonly edgeBefore: Int32Array;
  /** Columns reached by the running search, to be reset after it; some of them several times. */
  readonly reached: number[];
  readonly heap: ColumnHeap;
}

function createState({ columnCount, firstEdge }: SparseCosts): AssignmentState {
  const distances = new Float64Array(columnCount).fill(Number.POSITIVE_INFINITY);
  return {
    columnOf: new Int32Array(firstEdge.length).fill(-1),
    rowOf: new Int32Array(columnCount).fill(-1),
    edgeOf: new Int32Array(columnCount),
    prices: new Float64Array(columnCount),
    distances,
    rowBefore: new Int32Array(columnCount),
    edgeBefore: new Int32Array(columnCount),
    reached: [],
    heap: createColumnHeap(),
  };
}

/** Rows whose cheapest column is free take it: most of them, and optimal while all prices are zero. */
function assignTightRows(graph: SparseCosts, state: AssignmentState, unassignedCost: number): void {
  const { firstEdge, lastEdge, columns, costs } = graph;
  for (let row = 0; row < firstEdge.length; row++) {
    let best = -1;
    let leastCost = unassignedCost;
    for (let edge = firstEdge[row]!; edge < lastEdge[row]!; edge++) {
      if (costs[edge]! >= leastCost) continue;
      best = edge;
      leastCost = costs[edge]!;
    }
    // Stryker disable next-line ConditionalExpression: without an edge there is no column that could be free.
    if (best === -1) continue;
    const column = columns[best]!;
    if (state.rowOf[column] === -1) assign(state, row, column, best);
  }
}

function assign(state: AssignmentState, row: number, column: number, edge: number): void {
  state.columnOf[row] = column;
  state.rowOf[column] = row;
  state.edgeOf[column] = edge;
}

/** Where a search ends: at a free column, or by leaving out a row (column -1). */
interface PathEnd {
  distance: number;
  column: number;
  /** The last row of the path: the one before the free column, or the one left out. */
  row: number;
}

/** Dijkstra's search from a row that has no column, and the exchange along the path found. */
function augment(graph: SparseCosts, state: AssignmentState, unassignedCost: number, start: number): void {
  const { distances, prices, reached, heap, rowOf, edgeOf } = state;
  const end: PathEnd = { distance: unassignedCost, column: -1, row: start };
  heap.clear();
  relaxRow(graph, state, start, 0, end);
  // Stryker disable next-line EqualityOperator: no way through a column as far as the end is shorter.
  while (heap.topDistance() < end.distance) {
    const distance = heap.topDistance();
    const column = heap.pop();
    // Stryker disable next-line ConditionalExpression: skipping an older, longer way to it only saves time.
    if (distance > distances[column]!) continue;
    const row = rowOf[column]!;
    const base = distance - (graph.costs[edgeOf[column]!]! - prices[column]!);
    if (base + unassignedCost < end.distance) {
      end.distance = base + unassignedCost;
      end.column = -1;
      end.row = row;
    }
    relaxRow(graph, state, row, base, end);
  }
  exchange(state, start, end);
  for (const column of reached) {
    prices[column]! += Math.min(0, distances[column]! - end.distance);
    distances[column] = Number.POSITIVE_INFINITY;
  }
  reached.length = 0;
}

/** Reaches on from a row whose edges begin at distance `base`. */
function relaxRow(
  { firstEdge, lastEdge, columns, costs }: SparseCosts,
  { distances, prices, rowBefore, edgeBefore, reached, heap, rowOf }: AssignmentState,
  row: number,
  base: number,
  end: PathEnd,
): void {
  for (let edge = firstEdge[row]!; edge < lastEdge[row]!; edge++) {
    const column = columns[edge]!;
    const distance = base + costs[edge]! - prices[column]!;
    if (distance >= end.distance || distance >= distances[column]!) continue;
    reached.push(column);
    distances[column] = distance;
    rowBefore[column] = row;
    edgeBefore[column] = edge;
    if (rowOf[column] === -1) {
      end.distance = distance;
      end.column = column;
      end.row = row;
    } else {
      heap.push(column, distance);
    }
  }
}

/** Gives each row of the path the next column; a row that is left out gives its column to the row before. */
function exchange(state: AssignmentState, start: number, { column: endColumn, row: endRow }: PathEnd): void {
  let column = endColumn;
  if (column === -1) {
    if (endRow === start) return;
    column = state.columnOf[endRow]!;
    state.columnOf[endRow] = -1;
  }
  for (;;) {
    const row = state.rowBefore[column]!;
    const next = state.columnOf[row]!;
    assign(state, row, column, state.edgeBefore[column]!);
    if (row === start) return;
    column = next;
  }
}
