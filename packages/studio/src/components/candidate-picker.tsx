import { useId } from "react";
import type { Candidate, Draft } from "../state/document.js";
import { chooseCandidate } from "../state/draft-edits.js";
import { formatQuality } from "../text.js";
import { ShapeThumbnail } from "./shape-thumbnail.js";
import { useStudio } from "./studio-context.js";

const NAMES = ["Subpart", "Part", "Whole"] as const;
const THUMBNAIL_PX = 40;

/** The masks that a click can mean, smallest to largest by name; nothing when there is no choice. */
export function CandidatePicker({ draft }: { readonly draft: Draft }) {
  const studio = useStudio();
  const name = useId();
  const { candidates, chosen, painted } = draft;
  if (!candidates || candidates.length < 2 || painted) return null;
  const names = nameCandidates(candidates);
  const choose = (index: number) =>
    studio.edit("Choose mask", (document) => chooseCandidate(document, index));
  return (
    <fieldset className="candidates">
      <legend className="visually-hidden">Which mask</legend>
      {candidates.map((candidate, index) => (
        <label key={names[index]} className="candidate">
          <input
            type="radio"
            name={name}
            checked={index === chosen}
            aria-keyshortcuts={String(index + 1)}
            onChange={() => choose(index)}
          />
          <span className="candidate-picture">
            <ShapeThumbnail shape={candidate} sidePx={THUMBNAIL_PX} />
          </span>
          <span className="candidate-name">{names[index]}</span>
          <span className="candidate-score">{formatQuality(candidate.predictedIou)}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** Whole, part and subpart by how much they cover; the model's order does not say it. */
export function nameCandidates(candidates: readonly Pick<Candidate, "areaPx">[]): string[] {
  if (candidates.length !== NAMES.length) return candidates.map((_, index) => `Mask ${index + 1}`);
  const bySize = candidates.map((_, index) => index);
  bySize.sort((a, b) => candidates[a]!.areaPx - candidates[b]!.areaPx);
  return candidates.map((_, index) => NAMES[bySize.indexOf(index)]!);
}
