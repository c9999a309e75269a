import type { RgbaImage } from "@segany/masks";
import type { Sam } from "@segany/sam";
import type { EvaluationSet, SampleCounts, SamplingSettings } from "../data/samples.js";
import type { EmbeddingCache } from "../embeddings/embedding-cache.js";
import type { EvaluationError } from "../errors.js";
import type { WeightedStatistic } from "../metrics/bootstrap.js";

/** Settings that every protocol takes. */
export interface CommonSettings extends SamplingSettings {
  /** For whatever is drawn by chance: random clicks, resampling. */
  readonly seed: number;
  /** Resamples behind the confidence intervals; 0 for none. */
  readonly bootstrapRounds: number;
}

/** What holds where a caller says nothing. */
export const COMMON_DEFAULTS: CommonSettings = { thingsOnly: false, seed: 0, bootstrapRounds: 1000 };

/** How far an evaluation has come. */
export interface EvaluationProgress {
  /** Name of the data set at hand, its number from 0, and how many there are. */
  readonly set: string;
  readonly setIndex: number;
  readonly setCount: number;
  /** Images of the set that are done, with a fraction while one that takes long is worked on. */
  readonly imagesDone: number;
  /**
   * All images of the set that will be looked at, where that is known: at most, as those without masks are
   * passed over.
   */
  readonly imagesTotal?: number;
  /** How much of the images of all sets is done, 0..1, where their numbers are known. */
  readonly share?: number;
}

/** What a protocol works with. */
export interface ProtocolContext<Settings> {
  readonly settings: Settings;
  /** Absent where a protocol, or these settings of it, needs no model. */
  readonly sam?: Sam;
  readonly embeddings: EmbeddingCache;
  readonly signal?: AbortSignal | undefined;
  /** Takes what is wrong with a part of the input, which is then left out; without it, that is an error. */
  readonly onProblem?: ((problem: EvaluationError) => void) | undefined;
  /** To be called with 0 when a set begins, after each image, and with a fraction while one takes long. */
  readonly onImages: (set: EvaluationSet, imagesDone: number) => void;
}

/** A line of a plot. */
export interface Curve {
  /** Lines with the same title share a plot. */
  readonly title: string;
  readonly xLabel: string;
  readonly yLabel: string;
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** One panel of a case. */
export interface CasePanel {
  readonly title: string;
  /** Draws it, at the size of the image or of the part that it shows. */
  readonly render: () => Promise<RgbaImage>;
}

/** Something worth looking at: among the worst or best that were scored. */
export interface Case {
  readonly score: number;
  readonly caption: string;
  /** Panels side by side, drawn when asked for. */
  readonly panels: readonly CasePanel[];
}

/** What a protocol found on one data set. */
export interface SetResult {
  readonly name: string;
  readonly counts: SampleCounts;
  /** Images (or pairs of them): what is resampled. */
  readonly units: number;
  readonly statistic: WeightedStatistic;
  readonly curves: readonly Curve[];
  readonly worst: readonly Case[];
  readonly best: readonly Case[];
  /** What a reader of the numbers has to know about this set, in sentences. */
  readonly notes: readonly string[];
  /** Per image or mask, for whoever wants to look closer; goes into `details.json` as it is. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

/** A protocol of the paper. */
export interface Protocol<Settings extends CommonSettings> {
  readonly name: string;
  /** For the report: what is measured and by which rules. */
  readonly description: string;
  readonly defaults: Settings;
  /** Whether these settings need a model. */
  usesModel(settings: Settings): boolean;
  /** @throws EvaluationError `option-invalid` for values out of range */
  check(settings: Settings): void;
  run(context: ProtocolContext<Settings>, sets: readonly EvaluationSet[]): Promise<SetResult[]>;
}
