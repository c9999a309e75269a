import { DataEngineError } from "../errors.js";

/** A class that masks can have. */
export interface ProjectClass {
  readonly name: string;
  /** `#rrggbb`. */
  readonly colour: string;
  readonly attributes: readonly string[];
}

/** How a project works. */
export interface ProjectSettings {
  /** Whether a reviewer accepts each job; without it a completed job is accepted. */
  readonly review: boolean;
  /** IoU from which two masks are of the same object: in consensus, and against ground truth. */
  readonly agreementIou: number;
  /** Milliseconds until a lock without a heartbeat expires. */
  readonly lockMs: number;
  /** Pauses longer than this many milliseconds aren't counted as work. */
  readonly idleMs: number;
  /** Mean IoU to ground truth that lets an annotator pass a training task. */
  readonly trainingAccuracy: number;
  /** Accepted masks after which the model is trained again by itself; 0: never. */
  readonly retrainEvery: number;
}

export const DEFAULT_SETTINGS: ProjectSettings = {
  review: true,
  agreementIou: 0.5,
  lockMs: 5 * 60_000,
  idleMs: 30_000,
  trainingAccuracy: 0.8,
  retrainEvery: 0,
};

/** A set of tasks with one list of classes. */
export interface Project {
  readonly id: string;
  readonly name: string;
  /** Empty for a class-agnostic project, as in the paper. */
  readonly classes: readonly ProjectClass[];
  readonly settings: ProjectSettings;
  /** Grows with each change. */
  readonly version: number;
  readonly createdAt: number;
}

const MAX_NAME = 200;

/**
 * A name as people write it: without spaces around it, and not empty.
 *
 * @param what "The project", for the message
 * @throws DataEngineError `invalid`
 */
export function checkName(name: string, what: string): string {
  const trimmed = name.trim();
  if (trimmed === "" || trimmed.length > MAX_NAME)
    throw new DataEngineError(
      "invalid",
      `${what} has a name of ${trimmed.length} characters; give it one of 1 to ${MAX_NAME}.`,
    );
  return trimmed;
}

/** @throws DataEngineError `invalid` for two classes of one name, or a colour that is none */
export function checkClasses(classes: readonly ProjectClass[]): readonly ProjectClass[] {
  const seen = new Set<string>();
  return classes.map(({ name, colour, attributes }) => {
    const checked = checkName(name, "A class");
    if (seen.has(checked)) throw new DataEngineError("invalid", `There are two classes "${checked}".`);
    seen.add(checked);
    if (!/^#[0-9a-f]{6}$/i.test(colour))
      throw new DataEngineError("invalid", `The colour of "${checked}" is "${colour}"; write it as #rrggbb.`);
    return { name: checked, colour, attributes };
  });
}

const RANGES: Readonly<Record<Exclude<keyof ProjectSettings, "review">, readonly [number, number]>> = {
  agreementIou: [0.01, 1],
  lockMs: [1000, 24 * 3_600_000],
  idleMs: [1000, 3_600_000],
  trainingAccuracy: [0, 1],
  retrainEvery: [0, 1_000_000_000],
};

/** @throws DataEngineError `invalid` for a number outside its range */
export function checkSettings(settings: ProjectSettings): ProjectSettings {
  for (const [name, [least, most]] of Object.entries(RANGES)) {
    const value = settings[name as keyof typeof RANGES];
    if (!(value >= least && value <= most))
      throw new DataEngineError("invalid", `${name} is ${value}; it must be ${least} to ${most}.`);
  }
  return settings;
}
