import type { RgbaImage } from "@segany/masks";
import { cannyEdges } from "../baselines/canny.js";
import { imageSobelEdges } from "../baselines/image-sobel.js";
import { openBoundaries } from "../data/boundaries.js";
import { readSampleImage } from "../data/read-sample-image.js";
import type { EvaluationSet, Sample } from "../data/samples.js";
import { countEdgeMatches, type EdgeCounts, edgeThresholds } from "../edges/count-matches.js";
import { edgeCurve, edgeMetrics } from "../edges/edge-metrics.js";
import type { FloatMap } from "../edges/float-map.js";
import { maskEdges } from "../edges/mask-edges.js";
import { createCaseKeeper } from "./case-keeper.js";
import { edgePanels } from "./edge-panels.js";
import { encodeSample } from "./encode-sample.js";
import { forEachSample } from "./for-each-sample.js";
import { checkChoice, checkCommon, checkWhole } from "./option-checks.js";
import {
  COMMON_DEFAULTS,
  type CommonSettings,
  type Protocol,
  type ProtocolContext,
  type SetResult,
} from "./protocol.js";

/** What can be scored, and how edges are made without a model. */
const BASELINES: Readonly<Record<"sobel" | "canny", (image: RgbaImage) => FloatMap>> = {
  sobel: imageSobelEdges,
  canny: (image) => cannyEdges(image),
};

/** Settings of `edges`. */
export interface EdgeSettings extends CommonSettings {
  /** The model's masks, or a classic detector as a check of the protocol. */
  readonly detector: "sam" | keyof typeof BASELINES;
  /** Thresholds at which edges are cut and matched. */
  readonly thresholds: number;
}

/** Edge detection on BSDS500 (paper, section 7.2). */
export const edgesProtocol: Protocol<EdgeSettings> = {
  name: "edges",
  description:
    "Edges are the largest Sobel strength of all masks' probabilities on the masks' outer boundaries (16x16 points, 768 masks, box suppression at .7), thinned; or a classic detector's. At each threshold they are thinned to lines and matched one to one with each annotator's boundaries within .0075 of the image's diagonal (least total distance, as many pairs as possible). An edge pixel is right when any annotator has it; recall counts all annotators' boundary pixels. ODS: best F-measure at one threshold for all images; OIS: at each image's own; AP: area under the curve; R50: recall at precision .5.",
  defaults: { ...COMMON_DEFAULTS, detector: "sam", thresholds: 99 },
  usesModel: ({ detector }) => detector === "sam",
  check(settings) {
    checkCommon(settings);
    checkChoice("detector", settings.detector, ["sam", ...Object.keys(BASELINES)]);
    checkWhole("thresholds", settings.thresholds, 2);
  },
  async run(context, sets) {
    const results: SetResult[] = [];
    for (const set of sets) results.push(await runOnSet(context, set));
    return results;
  },
};

async function runOnSet(context: ProtocolContext<EdgeSettings>, set: EvaluationSet): Promise<SetResult> {
  const boundaries = await openBoundaries(set.path);
  const thresholds = edgeThresholds(context.settings.thresholds);
  const images: EdgeCounts[] = [];
  const rows: SetResult["rows"][number][] = [];
  const cases = createCaseKeeper();
  const counts = await forEachSample(context, set, async (sample) => {
    const annotators = boundaries.read(sample.image, sample.annotations);
    const edges = await detect(context, sample);
    const found = countEdgeMatches(edges, annotators, { thresholds });
    images.push(found);
    const f = edgeMetrics([found]).ois!;
    rows.push({ image: sample.image.fileName, annotators: annotators.length, f: Math.round(1e4 * f) / 1e4 });
    cases.add(f, () => ({
      caption: `${sample.image.fileName}: F ${f.toFixed(3)} at its own best threshold`,
      panels: edgePanels(sample.image, annotators, edges),
    }));
  });
  const { precisions, recalls } = edgeCurve(images);
  return {
    name: set.name,
    counts,
    units: images.length,
    statistic: (weights) => edgeMetrics(images, weights),
    curves: [
      {
        title: "Precision by recall",
        xLabel: "recall",
        yLabel: "precision",
        points: recalls.map((recall, i) => [recall, precisions[i]!] as const),
      },
    ],
    worst: cases.worst(),
    best: cases.best(),
    notes:
      boundaries.source === "masks"
        ? ["There is no boundaries.json: the borders between each annotator's masks are taken as boundaries."]
        : [],
    rows,
  };
}

async function detect(context: ProtocolContext<EdgeSettings>, sample: Sample): Promise<FloatMap> {
  const { settings, sam, signal } = context;
  if (settings.detector !== "sam") return BASELINES[settings.detector](await readSampleImage(sample.image));
  const { predictor } = await encodeSample(context, sam!, sample);
  return maskEdges(predictor, sam!.model, { signal });
}
