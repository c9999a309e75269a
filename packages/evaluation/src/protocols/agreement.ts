import type { DatasetImage, MaskAnnotation, MaskRecord } from "@segany/dataset";
import { type EvaluationSet, newSampleCounts, readSamples, type SampleCounts } from "../data/samples.js";
import { EvaluationError, throwIfAborted } from "../errors.js";
import { type MaskPair, pairMasks } from "../metrics/mask-agreement.js";
import { createCaseKeeper } from "./case-keeper.js";
import { maskPanels } from "./case-panels.js";
import { checkCommon } from "./option-checks.js";
import {
  COMMON_DEFAULTS,
  type CommonSettings,
  type Protocol,
  type ProtocolContext,
  type SetResult,
} from "./protocol.js";
import { type ImageValues, meanOverMasks } from "./sum-statistic.js";

/** IoUs of the paper's audit. */
const AUDIT_IOUS = [0.75, 0.9] as const;

/** Settings of `agreement`. */
export interface AgreementSettings extends CommonSettings {
  /** Masks that overlap by less are never taken as the same object. */
  readonly minIou: number;
}

/** How far two annotations of the same images agree (the audit of the paper's section 4). */
export const agreementProtocol: Protocol<AgreementSettings> = {
  name: "agreement",
  description:
    "Images are paired by file name, their masks one to one so that the sum of IoUs is largest; masks below minIou are never a pair. share@75 and share@90: of all masks of the first set, the share with a partner at IoU .75 or .90 and above (the paper's audit found 97 % and 94 %). iou_mean: mean over pairs. unmatched_a, unmatched_b: the share of either side's masks without a partner. Crowds are left out.",
  defaults: { ...COMMON_DEFAULTS, minIou: 0.5 },
  usesModel: () => false,
  check(settings) {
    checkCommon(settings);
    if (settings.minIou >= 0 && settings.minIou <= 1) return;
    throw new EvaluationError("option-invalid", `minIou is ${settings.minIou}; it must be from 0 to 1.`);
  },
  async run(context, sets) {
    const [a, b] = sets;
    if (a && b && sets.length === 2) return [await compare(context, a, b)];
    throw new EvaluationError(
      "option-invalid",
      `Agreement compares two annotations of the same images, not ${sets.length}; name two data sets.`,
    );
  },
};

async function compare(
  context: ProtocolContext<AgreementSettings>,
  a: EvaluationSet,
  b: EvaluationSet,
): Promise<SetResult> {
  const others = await readAll(b, context);
  const images: ImageValues[] = [];
  const rows: SetResult["rows"][number][] = [];
  const cases = createCaseKeeper();
  const counts = newSampleCounts();
  let alone = 0;
  context.onImages(a, 0);
  for await (const { image, annotations } of readSamples(a, context.settings, counts, {
    signal: context.signal,
  })) {
    throwIfAborted(context.signal);
    const other = takeOther(others, image, b);
    if (!other) alone++;
    const masks = other?.annotations ?? [];
    const pairs = pairMasks(
      annotations.map(({ segmentation }) => segmentation),
      masks.map(({ segmentation }) => segmentation),
      context.settings.minIou,
    );
    images.push(imageValues(annotations, masks, pairs));
    for (const pair of pairs) {
      rows.push(toRow(image, annotations[pair.a]!, masks[pair.b]!, pair));
      cases.add(pair.iou, () => ({
        caption: `${image.fileName}, masks ${annotations[pair.a]!.id} and ${masks[pair.b]!.id}: IoU ${pair.iou.toFixed(3)}`,
        panels: [
          ...maskPanels({ image, truth: annotations[pair.a]!.segmentation }),
          ...maskPanels({ image, truth: masks[pair.b]!.segmentation }),
        ].map((panel, i) => ({ ...panel, title: [a.name, b.name][i]! })),
      }));
    }
    context.onImages(a, counts.images);
  }
  if (alone === counts.images) throw nothingInCommon(a, b);
  const { limit, maxMasks } = context.settings;
  const isWhole = limit === undefined && maxMasks === undefined;
  if (isWhole) for (const { annotations } of others.values()) images.push(imageValues([], annotations, []));
  return result(a, b, {
    images: isWhole ? images : images.map(withoutUnmatchedB),
    rows,
    cases,
    counts,
    isWhole,
    alone,
  });
}

function nothingInCommon(a: EvaluationSet, b: EvaluationSet): EvaluationError {
  return new EvaluationError(
    "dataset-mismatch",
    `No annotated image of ${a.name} has a namesake with masks in ${b.name}; images are paired by file name, so give them the same names in both.`,
  );
}

function result(
  a: EvaluationSet,
  b: EvaluationSet,
  found: {
    readonly images: readonly ImageValues[];
    readonly rows: SetResult["rows"];
    readonly cases: ReturnType<typeof createCaseKeeper>;
    readonly counts: SampleCounts;
    readonly isWhole: boolean;
    /** Images of the first set that the second has no masks of. */
    readonly alone: number;
  },
): SetResult {
  const { images, rows, cases, counts, isWhole, alone } = found;
  const ious = images.flatMap(({ iou_mean }) => iou_mean ?? []);
  return {
    name: `${a.name} and ${b.name}`,
    counts,
    units: images.length,
    statistic: meanOverMasks(images),
    curves: [
      {
        title: "Share of pairs by IoU",
        xLabel: "IoU at least",
        yLabel: "share of pairs",
        points: Array.from({ length: 51 }, (_, i) => {
          const least = 0.5 + i / 100;
          return [least, ious.filter((iou) => iou >= least).length / Math.max(1, ious.length)] as const;
        }),
      },
    ],
    worst: cases.worst(),
    best: cases.best(),
    notes: [
      ...(alone > 0 ? [`${b.name} has no masks of ${alone} of the images, whose masks are unmatched.`] : []),
      ...(isWhole
        ? []
        : [
            `Not all masks of ${a.name} were looked at, so there is no telling which of ${b.name} are unmatched.`,
          ]),
    ],
    rows,
  };
}

/** All images of the second set by name; only their masks' runs are kept. */
async function readAll(
  set: EvaluationSet,
  { settings, signal }: ProtocolContext<AgreementSettings>,
): Promise<Map<string, Pick<MaskRecord, "image" | "annotations">>> {
  const { thingsOnly } = settings; // Limits apply to the first set, whose partners may be any here.
  const records = new Map<string, Pick<MaskRecord, "image" | "annotations">>();
  for await (const { image, annotations } of readSamples(set, { thingsOnly }, newSampleCounts(), {
    signal,
  })) {
    records.set(image.fileName, { image, annotations });
  }
  return records;
}

function takeOther(
  others: Map<string, Pick<MaskRecord, "image" | "annotations">>,
  image: DatasetImage,
  { name }: EvaluationSet,
): Pick<MaskRecord, "image" | "annotations"> | undefined {
  const other = others.get(image.fileName);
  others.delete(image.fileName);
  if (!other || (other.image.width === image.width && other.image.height === image.height)) return other;
  throw new EvaluationError(
    "dataset-mismatch",
    `${image.fileName} is ${image.width} x ${image.height} pixels in one set and ${other.image.width} x ${other.image.height} in ${name}; annotations of other sizes can't be compared.`,
  );
}

function imageValues(
  annotations: readonly MaskAnnotation[],
  others: readonly MaskAnnotation[],
  pairs: readonly MaskPair[],
): ImageValues {
  const flags = (count: number, isSet: (index: number) => boolean): number[] =>
    Array.from({ length: count }, (_, i) => (isSet(i) ? 1 : 0));
  const iouOf = new Map(pairs.map(({ a, iou }) => [a, iou] as const));
  const partners = new Set(pairs.map(({ b }) => b));
  return {
    iou_mean: pairs.map(({ iou }) => iou),
    ...Object.fromEntries(
      AUDIT_IOUS.map((least) => [
        `share@${Math.round(100 * least)}`,
        flags(annotations.length, (i) => (iouOf.get(i) ?? 0) >= least),
      ]),
    ),
    unmatched_a: flags(annotations.length, (i) => !iouOf.has(i)),
    unmatched_b: flags(others.length, (i) => !partners.has(i)),
  };
}

function withoutUnmatchedB({ unmatched_b: _, ...values }: ImageValues): ImageValues {
  return values;
}

function toRow(
  image: DatasetImage,
  a: MaskAnnotation,
  b: MaskAnnotation,
  { iou }: MaskPair,
): Record<string, unknown> {
  return { image: image.fileName, a: a.id, b: b.id, iou: Math.round(1e4 * iou) / 1e4 };
}
