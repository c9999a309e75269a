import { useId } from "react";
import type { Alternative, Draft } from "../state/document.js";
import { chooseAlternative } from "../state/draft-edits.js";
import { formatQuality } from "../text.js";
import { ShapeThumbnail } from "./shape-thumbnail.js";
import { useStudio } from "./studio-context.js";

const NAMES = ["Subpart", "Part", "Whole"] as const;
const THUMBNAIL_PX = 40;

/** The masks that a click can mean, smallest to largest by name; nothing when there is no choice. */
export function AlternativePicker({ draft }: { readonly draft: Draft }) {
  const studio = useStudio();
  const name = useId();
  const { alternatives, chosen, painted } = draft;
  if (!alternatives || alternatives.length < 2 || painted) return null;
  const names = nameAlternatives(alternatives);
  const choose = (index: number) =>
    studio.edit("Choose mask", (document) => chooseAlternative(document, index));
  return (
    <fieldset className="alternatives">
      <legend className="visually-hidden">Which mask</legend>
      {alternatives.map((alternative, index) => (
        <label key={names[index]} className="alternative">
          <input
            type="radio"
            name={name}
            checked={index === chosen}
            aria-keyshortcuts={String(index + 1)}
            onChange={() => choose(index)}
          />
          <span className="alternative-image">
            <ShapeThumbnail shape={alternative} sidePx={THUMBNAIL_PX} />
          </span>
          <span className="alternative-name">{names[index]}</span>
          <span className="alternative-score">{formatQuality(alternative.predictedIou)}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** Whole, part and subpart by how much they cover; the model's order does not say it. */
export function nameAlternatives(alternatives: readonly Pick<Alternative, "areaPx">[]): string[] {
  if (alternatives.length !== NAMES.length) return alternatives.map((_, index) => `Mask ${index + 1}`);
  const bySize = alternatives.map((_, index) => index);
  bySize.sort((a, b) => alternatives[a]!.areaPx - alternatives[b]!.areaPx);
  return alternatives.map((_, index) => NAMES[bySize.indexOf(index)]!);
}
