import { type BoxXywh, sameRuns } from "@segany/masks";
import { useState } from "react";
import { colourName } from "../canvas/colours.js";
import type { MaskObject } from "../state/document.js";
import type { Conflict } from "../state/merge-objects.js";
import type { Choices, ConflictQuestion } from "../state/types.js";
import { formatCount } from "../text.js";
import { ShapeThumbnail } from "./shape-thumbnail.js";
import { useStudio, useStudioState } from "./studio-context.js";
import { Dialog } from "./ui/dialog.js";
import { type RadioCard, RadioCards } from "./ui/radio-cards.js";

type Choice = Choices[string];

const FOR_ALL: readonly (readonly [Choice, string])[] = [
  ["mine", "All mine"],
  ["theirs", "All theirs"],
  ["both", "Both of all"],
];

/** The first question about objects that the user and others have changed, if there is one. */
export function QuestionDialog() {
  const question = useStudioState(({ questions }) => questions[0]);
  return question ? <Question key={keyOf(question)} question={question} /> : null;
}

function Question({ question: { imageId, conflicts } }: { readonly question: ConflictQuestion }) {
  const studio = useStudio();
  const name = useStudioState(({ images }) => images.find(({ id }) => id === imageId)?.name ?? "");
  const [choices, setChoices] = useState(() => chooseForAll(conflicts, "both"));
  return (
    <Dialog
      title="Changed by you and by others"
      width="wide"
      onClose={() => studio.answerQuestion(imageId, null)}
      footer={
        <>
          {conflicts.length > 1 &&
            FOR_ALL.map(([choice, label]) => (
              <button
                key={choice}
                type="button"
                className="button button-quiet"
                onClick={() => setChoices(chooseForAll(conflicts, choice))}
              >
                {label}
              </button>
            ))}
          <button
            type="button"
            className="button button-plain"
            onClick={() => studio.answerQuestion(imageId, null)}
          >
            Decide later
          </button>
          <button
            type="button"
            className="button button-primary"
            onClick={() => studio.answerQuestion(imageId, choices)}
          >
            Keep what is chosen
          </button>
        </>
      }
    >
      <p className="dialog-lead">
        Others have worked on “{name}” at the same time. What one of you has changed is joined. These objects
        both have changed; until you choose, your changes are not kept on the server.
      </p>
      {conflicts.map((conflict) => (
        <div key={conflict.id} className="conflict">
          <RadioCards
            legend={(conflict.theirs ?? conflict.mine)!.name}
            options={optionsOf(conflict, imageId)}
            value={choices[conflict.id]!}
            onChange={(choice) => setChoices({ ...choices, [conflict.id]: choice })}
          />
        </div>
      ))}
    </Dialog>
  );
}

/** One choice for all; where that can't be, what is not deleted. */
function chooseForAll(conflicts: readonly Conflict[], choice: Choice): Choices {
  const chosen = ({ mine, theirs }: Conflict): Choice =>
    choice !== "both" || (mine && theirs) ? choice : mine ? "mine" : "theirs";
  return Object.fromEntries(conflicts.map((conflict) => [conflict.id, chosen(conflict)]));
}

function optionsOf({ mine, theirs }: Conflict, imageId: string): RadioCard<Choice>[] {
  const frame = frameOf(mine, theirs);
  const show = (object: MaskObject | null) =>
    object && <ShapeThumbnail shape={object} frameXywh={frame} imageId={imageId} sidePx={112} />;
  const both: RadioCard<Choice> = {
    value: "both",
    label: "Keep both",
    description: "Yours becomes an object of its own.",
  };
  return [
    {
      value: "mine",
      label: "Keep mine",
      description: mine ? describe(mine, theirs) : "You have deleted it.",
      thumbnail: show(mine),
    },
    {
      value: "theirs",
      label: "Take theirs",
      description: theirs ? describe(theirs, mine) : "They have deleted it.",
      thumbnail: show(theirs),
    },
    ...(mine && theirs ? [both] : []),
  ];
}

/** In what an object differs from its other version. */
function describe(object: MaskObject, other: MaskObject | null): string {
  const differences = [
    object.name !== other?.name && `“${object.name}”`,
    (!other || !sameRuns(object.segmentation, other.segmentation)) && `${formatCount(object.areaPx)} px`,
    object.colour !== other?.colour && colourName(object.colour),
  ].filter((difference) => difference !== false);
  return differences.length > 0 ? differences.join(", ") : "Differs in fields that are not shown here.";
}

/** Around both masks, so that one can be held against the other. */
function frameOf(...objects: readonly (MaskObject | null)[]): BoxXywh {
  const boxes = objects.flatMap((object) => (object ? [object.boxXywh] : []));
  const left = Math.min(...boxes.map(([x]) => x));
  const top = Math.min(...boxes.map(([, y]) => y));
  const right = Math.max(...boxes.map(([x, , width]) => x + width));
  const bottom = Math.max(...boxes.map(([, y, , height]) => y + height));
  return [left, top, right - left, bottom - top];
}

function keyOf({ imageId, conflicts }: ConflictQuestion): string {
  return [imageId, ...conflicts.map(({ id }) => id)].join();
}
