import { TrainingError } from "../errors.js";
import { LORA_TARGETS, TRAINED } from "../model/trained-parts.js";
import { FIRST_PROMPTS } from "../prompts/simulate.js";
import { SCHEDULES } from "./learning-rate.js";
import { DEFAULT_SETTINGS, type TrainSettings } from "./settings.js";

/** What a number must be, and the words for it. */
type Rule = readonly [what: string, holds: (value: number) => boolean];

const COUNT: Rule = ["an integer, 1 or more", (value) => Number.isSafeInteger(value) && value >= 1];
const COUNT_OR_NONE: Rule = ["an integer, 0 or more", (value) => Number.isSafeInteger(value) && value >= 0];
const FRACTION: Rule = ["0 or more, and below 1", (value) => value >= 0 && value < 1];
const SHARE: Rule = ["above 0, and at most 1", (value) => value > 0 && value <= 1];
const RANGE: Rule = ["a number from 0 to 1", (value) => value >= 0 && value <= 1];
const POSITIVE: Rule = ["a number above 0", (value) => value > 0 && value < Infinity];
const NOT_NEGATIVE: Rule = ["a number, 0 or more", (value) => value >= 0 && value < Infinity];

const NUMBERS = {
  steps: COUNT,
  batch: COUNT,
  masksPerImage: COUNT,
  loraRank: COUNT,
  rounds: COUNT,
  views: COUNT,
  validateEvery: COUNT,
  validationMasks: COUNT,
  textMinArea: COUNT,
  textShare: SHARE,
  warmup: COUNT_OR_NONE,
  patience: COUNT_OR_NONE,
  seed: COUNT_OR_NONE,
  learningRate: POSITIVE,
  clipNorm: NOT_NEGATIVE,
  weightDecay: NOT_NEGATIVE,
  averageDecay: FRACTION,
  dropPath: FRACTION,
  layerDecay: SHARE,
  rehearsalShare: FRACTION,
  minCrop: SHARE,
  brightness: RANGE,
  contrast: RANGE,
  saturation: RANGE,
} as const satisfies Partial<Record<keyof TrainSettings, Rule>>;

const CHOICES = { train: TRAINED, loraTargets: LORA_TARGETS, schedule: SCHEDULES } as const;

/**
 * Fills in what is not set, and checks what is.
 *
 * @throws TrainingError `option-invalid`
 */
export function checkedSettings(some: Partial<TrainSettings>): TrainSettings {
  const settings = { ...DEFAULT_SETTINGS, ...some };
  checkSettings(settings);
  return settings;
}

function checkSettings(settings: TrainSettings): void {
  for (const [name, [what, holds]] of Object.entries(NUMBERS)) {
    const value = settings[name as keyof typeof NUMBERS];
    if (!holds(value)) throw wrong(name, `${value}. It must be ${what}`);
  }
  for (const [name, choices] of Object.entries(CHOICES)) {
    const value: string = settings[name as keyof typeof CHOICES];
    if (!(choices as readonly string[]).includes(value))
      throw wrong(name, `"${value}". Choose ${choices.join(" or ")}`);
  }
  for (const name of ["layerDecay", "dropPath"] as const)
    if (settings.train !== "encoder" && settings[name] !== DEFAULT_SETTINGS[name])
      throw wrong(name, `${settings[name]}, which is for train "encoder"; train is "${settings.train}"`);
  const { firstPrompts } = settings;
  if (firstPrompts.length === 0 || !firstPrompts.every((kind) => FIRST_PROMPTS.includes(kind)))
    throw wrong("firstPrompts", `"${firstPrompts}". Choose ${FIRST_PROMPTS.join(" or ")}, or both`);
  const [smallest, largest] = settings.scaleJitter;
  if (!(smallest > 0 && smallest <= largest && largest < Infinity))
    throw wrong("scaleJitter", `${settings.scaleJitter}. It must be two numbers above 0, the smaller first`);
}

function wrong(name: string, what: string): TrainingError {
  return new TrainingError("option-invalid", `The setting ${name} is ${what}.`);
}
