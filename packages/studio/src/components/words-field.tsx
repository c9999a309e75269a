import { useEffect, useId, useRef } from "react";
import { runModeOf } from "../state/selectors.js";
import { useStudio, useStudioState } from "./studio-context.js";

/** Longer ones are no names of things. */
const MAX_LENGTH = 256;

/** A field for words: Enter looks for what they say. */
export function WordsField() {
  const studio = useStudio();
  const ref = useRef<HTMLInputElement>(null);
  const hintId = useId();
  const focuses = useStudioState((state) => state.focusesWords);
  const hasEngine = useStudioState((state) => runModeOf(state) !== "browser");
  useEffect(() => {
    if (!focuses) return;
    ref.current?.select();
    ref.current?.focus();
    studio.set(() => ({ focusesWords: false }));
  }, [focuses, studio]);
  return (
    <form
      className="words"
      onSubmit={(event) => {
        event.preventDefault();
        const words = ref.current?.value.trim() ?? "";
        if (words !== "") void studio.findWords(words);
      }}
    >
      <label className="field">
        <span>Words</span>
        <input
          ref={ref}
          className="name-field"
          name="words"
          maxLength={MAX_LENGTH}
          placeholder="dog"
          autoComplete="off"
          aria-describedby={hintId}
          onKeyDown={(event) => {
            if (event.key === "Escape") ref.current?.blur();
            event.stopPropagation();
          }}
        />
      </label>
      <button type="submit" className="button button-plain" disabled={!hasEngine}>
        Find
      </button>
      <p className="slider-hint" id={hintId}>
        {hasEngine
          ? "A thing, such as dog or cup, or several, such as vehicle."
          : "Words are understood by a server alone: start segany serve, and let the model run there."}
      </p>
    </form>
  );
}
