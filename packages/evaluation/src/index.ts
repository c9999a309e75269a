/** The paper's evaluation: metrics as pure functions, protocols over data sets, reports. */
export { cannyEdges } from "./baselines/canny.js";
export { imageSobelEdges } from "./baselines/image-sobel.js";
export {
  atEqualSteps,
  type DatasetSource,
  type SampleCounts,
  type SamplingSettings,
} from "./data/samples.js";
export { type BoundaryMatcher, createBoundaryMatcher } from "./edges/boundary-matching.js";
export { countEdgeMatches, type EdgeCounts, edgeThresholds } from "./edges/count-matches.js";
export { edgeMetrics, fMeasure } from "./edges/edge-metrics.js";
export { suppressNonMaxima } from "./edges/edge-nms.js";
export type { FloatMap } from "./edges/float-map.js";
export { thin } from "./edges/thin.js";
export {
  type EmbeddingCache,
  type EmbeddingCacheOptions,
  openEmbeddingCache,
} from "./embeddings/embedding-cache.js";
export { EvaluationError, type EvaluationErrorCode } from "./errors.js";
export { type EvaluateOptions, evaluate } from "./evaluate.js";
export {
  averagePrecision,
  type PrecisionRecallCurve,
  precisionRecallCurve,
  type RankedMatches,
  rankMatches,
} from "./metrics/average-precision.js";
export { averageRecalls, countRecalled, type RecallCounts } from "./metrics/average-recall.js";
export {
  bootstrap,
  type Interval,
  type Intervals,
  percentileIntervals,
  type WeightedStatistic,
} from "./metrics/bootstrap.js";
export {
  AREA_RANGES,
  type AreaName,
  type AreaRange,
  type Detection,
  IOU_THRESHOLDS,
  type MatchingOptions,
  type MatchingUnit,
  matchDetections,
  type Truth,
  type UnitMatches,
} from "./metrics/coco-matching.js";
export { type MaskPair, pairMasks } from "./metrics/mask-agreement.js";
export { maskedIou } from "./metrics/masked-iou.js";
export { type CategoryUnit, createPrecisionStatistic } from "./metrics/mean-average-precision.js";
export { type Metrics, meanOverSets } from "./metrics/metrics.js";
export { numberOfClicks } from "./metrics/number-of-clicks.js";
export { createRandom } from "./metrics/random.js";
export { assignSparse, type SparseCosts } from "./metrics/sparse-assignment.js";
export type { AgreementSettings } from "./protocols/agreement.js";
export type { BoxSettings } from "./protocols/boxes.js";
export type { ClickSettings } from "./protocols/clicks.js";
export type { EdgeSettings } from "./protocols/edges.js";
export type { ProposalSettings } from "./protocols/proposals.js";
export type { Case, CasePanel, CommonSettings, Curve, EvaluationProgress } from "./protocols/protocol.js";
export type { ProtocolName, ProtocolSettings } from "./protocols/registry.js";
export type { EvaluationReport, EvaluationResult, SetDetails } from "./report/report.js";
export { formatTable } from "./report/table.js";
export { REPORT_FILES, type ReportOptions, writeReport } from "./report/write-report.js";
