import type { MaskRecord } from "@segany/masks";
import { type MaskGeneratorOptions, SamAutomaticMaskGenerator, type SelectionOptions } from "@segany/sam";
import { byAnnotator, type EvaluationSet, type Sample } from "../data/samples.js";
import {
  averageRecalls,
  countRecalled,
  PROPOSAL_COUNTS,
  type RecallCounts,
  recallsByIou,
} from "../metrics/average-recall.js";
import { IOU_THRESHOLDS } from "../metrics/coco-matching.js";
import { createCaseKeeper } from "./case-keeper.js";
import { encodeSample } from "./encode-sample.js";
import { forEachSample } from "./for-each-sample.js";
import { checkChoice, checkCommon } from "./option-checks.js";
import { proposalPanels } from "./proposal-panels.js";
import { proposalUnit, rankProposals } from "./proposal-unit.js";
import {
  COMMON_DEFAULTS,
  type CommonSettings,
  type Protocol,
  type ProtocolContext,
  type SetResult,
} from "./protocol.js";

/** Settings of `proposals`. */
export interface ProposalSettings extends CommonSettings {
  /** `paper`: the settings of section 7.3; `default`: the mask generator's own. */
  readonly generator: "paper" | "default";
}

/** A grid of points, and which masks of it are kept. */
interface GeneratorChoice {
  readonly grid: MaskGeneratorOptions;
  readonly selection: SelectionOptions;
}

/**
 * Appendix D.4: 64x64 points, suppression at .9, no crops and no filters. The default is Meta's class as it
 * stands.
 */
const GENERATORS: Readonly<Record<ProposalSettings["generator"], GeneratorChoice>> = {
  paper: {
    grid: { pointsPerSide: 64 },
    selection: { predIouThresh: 0, stabilityScoreThresh: 0, boxNmsThresh: 0.9 },
  },
  default: { grid: {}, selection: {} },
};

/** How well automatic masks cover the annotated ones (paper, section 7.3). */
export const proposalsProtocol: Protocol<ProposalSettings> = {
  name: "proposals",
  description:
    "The automatic mask generator's masks, ranked by the mean of predicted IoU and stability, are matched with the annotated ones by COCO's rules without classes. ar@K: the share of annotated masks found by the best K masks of each image, mean over IoU .50:.05:.95; small up to 32², large above 96² pixels. Regions to ignore and crowds may be matched by any number of masks, which then count nowhere (they change no recall). An image of several annotators is scored once against each.",
  defaults: { ...COMMON_DEFAULTS, generator: "paper" },
  usesModel: () => true,
  check(settings) {
    checkCommon(settings);
    checkChoice("generator", settings.generator, Object.keys(GENERATORS));
  },
  async run(context, sets) {
    const results: SetResult[] = [];
    for (const set of sets) results.push(await runOnSet(context, set));
    return results;
  },
};

async function runOnSet(context: ProtocolContext<ProposalSettings>, set: EvaluationSet): Promise<SetResult> {
  const units: RecallCounts[] = [];
  const imageOf: number[] = [];
  const rows: SetResult["rows"][number][] = [];
  const cases = createCaseKeeper();
  const counts = await forEachSample(context, set, async (sample, onPart) => {
    const proposals = await propose(context, sample, onPart);
    for (const truths of byAnnotator(sample.annotations)) {
      const recalls = countRecalled(proposalUnit(proposals, truths, sample.ignoreRegions));
      const ar = averageRecalls([recalls], [1])["ar@1000"]!;
      units.push(recalls);
      imageOf.push(sample.index);
      const { annotator } = truths[0]!;
      rows.push({
        image: sample.image.fileName,
        ...(annotator !== undefined && { annotator }),
        proposals: proposals.length,
        truths: truths.length,
        "ar@1000": Math.round(1e4 * ar) / 1e4,
      });
      cases.add(ar, () => ({
        caption: `${sample.image.fileName}: ${proposals.length} proposals for ${truths.length} annotated, AR@1000 ${ar.toFixed(3)}`,
        panels: proposalPanels(
          sample.image,
          truths.map(({ segmentation }) => segmentation),
          proposals.map(({ segmentation }) => segmentation),
        ),
      }));
    }
  });
  return {
    name: set.name,
    counts,
    units: counts.images,
    statistic: (weights) =>
      averageRecalls(
        units,
        imageOf.map((image) => weights[image]!),
      ),
    curves: [
      {
        title: `Recall by IoU, ${PROPOSAL_COUNTS.at(-1)} proposals`,
        xLabel: "IoU at least",
        yLabel: "recall",
        points: recallsByIou(units, PROPOSAL_COUNTS.length - 1).map((recall, i) => [
          IOU_THRESHOLDS[i]!,
          recall,
        ]),
      },
    ],
    worst: cases.worst(),
    best: cases.best(),
    notes: [],
    rows,
  };
}

/** All proposals of an image, the best first, as many as recall is measured for. */
async function propose(
  context: ProtocolContext<ProposalSettings>,
  sample: Sample,
  onPart: (share: number) => void,
): Promise<MaskRecord[]> {
  const { settings, sam, signal } = context;
  const { grid, selection } = GENERATORS[settings.generator];
  const { image, embedding } = await encodeSample(context, sam!, sample);
  const generator = new SamAutomaticMaskGenerator(sam!, { ...grid, ...selection, outputMode: "coco_rle" });
  const records = await generator.generate(image, {
    embedding,
    ...(signal && { signal }),
    onProgress: ({ pointsDone, pointsTotal }) => onPart(pointsDone / pointsTotal),
  });
  return rankProposals(records);
}
