/** How masks are made again: the steps that led to each, for their provenance. */

import { type MaskRuns, rleToRuns, runsToRle, type Size, sameRuns, xorRuns } from "@segany/masks";
import { SPECK_AREA_PX } from "@segany/sam";
import type { EngineProvenance, MaskStep } from "../api/engine.js";
import { pointsAndBoxOf } from "../effects/question.js";
import type { Draft } from "../state/document.js";

/** The model that answers, and where it runs. */
export interface AnsweredBy {
  readonly model: NonNullable<EngineProvenance["model"]>;
  readonly runsOn: NonNullable<EngineProvenance["runsOn"]>;
}

/** What makes a mask. */
export interface Recipe {
  /** The mask that the steps begin with, for which `previous` stands; null: they begin with nothing. */
  readonly base: MaskRuns | null;
  readonly steps: readonly MaskStep[];
  /** Of the predictions; null without one. */
  readonly by: AnsweredBy | null;
}

/** The recipes of masks, as long as these are in use. */
export interface MaskRecipes {
  /** The model answered a draft. @param by null: it is not known, and nor are the recipes */
  answered(draft: Draft, size: Size, by: AnsweredBy | null): void;
  /** A mask became another by hand; null: it began with nothing. */
  changed(before: MaskRuns | null, after: MaskRuns): void;
  /** Of a mask that nobody made here, a recipe begins with the mask itself. */
  of(mask: MaskRuns): Recipe;
}

const NOTHING: Recipe = { base: null, steps: [], by: null };

export function createMaskRecipes(): MaskRecipes {
  const ofMask = new WeakMap<MaskRuns, Recipe>();
  const ofLogits = new WeakMap<Float32Array, Recipe>();

  const of = (mask: MaskRuns): Recipe =>
    ofMask.get(mask) ?? { base: mask, steps: [{ kind: "previous" }], by: null };

  function before({ feedback }: Draft): Recipe | undefined {
    if (!feedback) return NOTHING;
    return feedback.from === "mask" ? of(feedback.shape.segmentation) : ofLogits.get(feedback.lowResLogits);
  }

  return {
    answered(draft, size, by) {
      const { alternatives, feedback } = draft;
      const asked = pointsAndBoxOf(draft, size);
      const fed = before(draft);
      // Steps have one model: the page's user may have changed it in between.
      if (!alternatives || !asked || !by || !fed || (fed.by && !isSame(fed.by, by))) return;
      const { pointCoords, pointLabels, box } = asked;
      for (const [chosen, { segmentation, lowResLogits }] of alternatives.entries()) {
        const step: MaskStep = {
          kind: "predict",
          points: pointCoords.map(([x, y], i) => [x, y, pointLabels[i]!]),
          ...(box && { box: [box[0], box[1], box[2], box[3]] }),
          ...(feedback && { rough: feedback.from }),
          ...{ multimask: alternatives.length > 1, specksPx: SPECK_AREA_PX, chosen },
        };
        const recipe = { base: fed.base, steps: [...fed.steps, step], by };
        ofMask.set(segmentation, recipe);
        ofLogits.set(lowResLogits, recipe);
      }
    },
    changed(from, to) {
      if (ofMask.has(to)) return; // a step that was undone
      if (from && sameRuns(from, to)) ofMask.set(to, of(from));
      else ofMask.set(to, edited(from ? of(from) : NOTHING, from, to));
    },
    of,
  };
}

/** Edits that follow each other are one: what they change together. */
function edited({ steps, ...recipe }: Recipe, from: MaskRuns | null, to: MaskRuns): Recipe {
  const change = from ? xorRuns(from, to) : to;
  const last = steps.at(-1);
  const isAfterEdit = last?.kind === "edit";
  const all = isAfterEdit ? xorRuns(rleToRuns(last.change), change) : change;
  return { ...recipe, steps: [...(isAfterEdit ? steps.slice(0, -1) : steps), editStep(all)] };
}

/** An edit that changes these pixels. */
export function editStep(change: MaskRuns): MaskStep {
  const { size, counts } = runsToRle(change);
  return { kind: "edit", change: { size: [...size], counts } };
}

function isSame(one: AnsweredBy, other: AnsweredBy): boolean {
  return one.runsOn === other.runsOn && one.model.hash === other.model.hash;
}
