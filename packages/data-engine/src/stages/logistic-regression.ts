/** A fitted model: the probability that a sample is positive. */
export interface LogisticModel {
  /** Of the standardised features, the last one is the constant's. */
  readonly weights: readonly number[];
  readonly means: readonly number[];
  readonly deviations: readonly number[];
}

/** Penalty on the weights, so that classes that a feature tells apart don't send its weight to infinity. */
const RIDGE = 1;
const MAX_STEPS = 50;

/**
 * Fits logistic regression with a ridge penalty by Newton's method (iteratively reweighted least squares;
 * Hastie et al., The Elements of Statistical Learning, section 4.4.1).
 *
 * @param samples rows of features, each of the same length
 * @param labels whether each is positive
 */
export function fitLogistic(
  samples: readonly (readonly number[])[],
  labels: readonly boolean[],
): LogisticModel {
  const count = samples[0]?.length ?? 0;
  const columns = Array.from({ length: count }, (_, i) => samples.map((row) => row[i]!));
  const means = columns.map((column) => sum(column) / column.length);
  const deviations = columns.map((column, i) => {
    const variance = sum(column.map((value) => (value - means[i]!) ** 2)) / column.length;
    return variance > 0 ? Math.sqrt(variance) : 1;
  });
  const rows = samples.map((row) => standardise(row, means, deviations));
  let weights = new Array<number>(count + 1).fill(0);
  for (let step = 0; step < MAX_STEPS; step++) {
    const change = newtonStep(rows, labels, weights);
    weights = weights.map((weight, i) => weight + change[i]!);
    if (Math.max(...change.map(Math.abs)) < 1e-8) break;
  }
  return { weights, means, deviations };
}

/** @returns 0 to 1 */
export function probability(
  { weights, means, deviations }: LogisticModel,
  features: readonly number[],
): number {
  return sigmoid(dot(weights, standardise(features, means, deviations)));
}

function newtonStep(
  rows: readonly (readonly number[])[],
  labels: readonly boolean[],
  weights: readonly number[],
): number[] {
  const size = weights.length;
  const penalty = (i: number) => (i === size - 1 ? 1e-6 : RIDGE); // the constant is free
  const gradient = weights.map((weight, i) => -penalty(i) * weight);
  const hessian = weights.map((_, i) => weights.map((__, j) => (i === j ? penalty(i) : 0)));
  rows.forEach((row, n) => {
    const p = sigmoid(dot(weights, row));
    const error = (labels[n] ? 1 : 0) - p;
    const curvature = p * (1 - p);
    for (let i = 0; i < size; i++) {
      gradient[i]! += error * row[i]!;
      for (let j = 0; j < size; j++) hessian[i]![j]! += curvature * row[i]! * row[j]!;
    }
  });
  return solve(hessian, gradient);
}

/** Gaussian elimination; the matrix is symmetric and positive definite, so that no pivot is 0. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i]!]);
  const size = right.length;
  for (let i = 0; i < size; i++)
    for (let j = i + 1; j < size; j++) {
      const factor = rows[j]![i]! / rows[i]![i]!;
      for (let k = i; k <= size; k++) rows[j]![k]! -= factor * rows[i]![k]!;
    }
  const solution = new Array<number>(size).fill(0);
  for (let i = size - 1; i >= 0; i--) {
    const known = sum(solution.map((value, k) => (k > i ? value * rows[i]![k]! : 0)));
    solution[i] = (rows[i]![size]! - known) / rows[i]![i]!;
  }
  return solution;
}

const standardise = (row: readonly number[], means: readonly number[], deviations: readonly number[]) => [
  ...row.map((value, i) => (value - means[i]!) / deviations[i]!),
  1,
];

const dot = (a: readonly number[], b: readonly number[]) => sum(a.map((value, i) => value * b[i]!));
const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
const sigmoid = (value: number) => 1 / (1 + Math.exp(-value));
