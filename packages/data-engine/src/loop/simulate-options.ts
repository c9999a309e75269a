import type { LoadSamOptions } from "@segany/sam";
import type { TrainEvent, TrainingSample, TrainSettings } from "@segany/training";

/** What is simulated, with what, and where it goes. */
export interface SimulateOptions {
  /** Images with their truth, in the order of their names. */
  readonly data: readonly TrainingSample[];
  /** Folder for the data engine, snapshots, runs, and the result. */
  readonly output: string;
  readonly model?: Pick<LoadSamOptions, "checkpoint" | "device" | "threads" | "precision"> & {
    readonly name?: string | undefined;
  };
  readonly seed: number;
  /** Images of the stages; without a third number, all others. */
  readonly stageImages: readonly [first: number, second: number, third?: number];
  /** Whether the model is retrained after the first two stages. */
  readonly retrain: boolean;
  readonly training?: Partial<TrainSettings>;
  /** IoU from which the annotator is content with a mask. */
  readonly goodIou: number;
  readonly maxClicks: number;
  /** Standard deviation of a click's place, pixels. */
  readonly noisePx: number;
  /** Share of good masks (IoU of .75 or more) that pre-filled ones shall reach. */
  readonly precision: number;
  /** Of everything mode. */
  readonly pointsPerSide: number;
  /** Masks that are audited at most. */
  readonly auditMasks: number;
  readonly onEvent?: (event: SimulateEvent) => void;
  readonly signal?: AbortSignal;
}

/** How a simulation comes on. */
export type SimulateEvent =
  | { readonly kind: "stage"; readonly stage: 1 | 2 | 3; readonly images: number }
  | { readonly kind: "image"; readonly what: string; readonly done: number; readonly total: number }
  | {
      readonly kind: "confidence";
      readonly stage: 1 | 2 | 3;
      readonly threshold: number | null;
      readonly masks: number;
      readonly precision: number | null;
      readonly calibrationError: number;
    }
  | { readonly kind: "training"; readonly stage: 1 | 2; readonly event: TrainEvent }
  | { readonly kind: "result"; readonly result: StageResult };

/** What a stage cost and gave. */
export interface StageResult {
  readonly stage: 1 | 2 | 3;
  /** Clicks of the annotator for each mask of the stage's images; a deletion is one. */
  readonly clicks_per_mask: number;
  readonly masks_per_image: number;
  /**
   * Stage 1: share of masks that the clicks made good enough; 2: share of pre-filled masks that were kept as
   * they are; 3: share of audited masks with an IoU of .75 or more to their correction.
   */
  readonly accepted_share: number;
  /** Mean IoU for one click on the frozen images, by the model that the stage began with. */
  readonly "miou@1": number;
  /** Of pre-filled masks, measured on images that were held back. */
  readonly confidence?: {
    readonly threshold: number | null;
    readonly masks: number;
    readonly precision: number | null;
    readonly calibrationError: number;
  };
  /** Share of pre-filled masks with an IoU of .75 or more to an object. */
  readonly prefilled_precision?: number;
}

/** How much of the automatic masks a person would leave. */
export interface AuditResult {
  readonly "share@75": number;
  readonly "share@90": number;
  readonly n: number;
  /** With 95 % confidence (Wilson). */
  readonly interval75: readonly [number, number];
  readonly interval90: readonly [number, number];
}

export interface Simulation {
  readonly seed: number;
  readonly retrain: boolean;
  readonly stages: readonly StageResult[];
  readonly audit: AuditResult;
}
