import { BEHAVIOUR_DEFAULTS, type Behaviour } from "@segany/sam";
import { findAll, keepAllFound, keepFoundMask, stopFinding } from "../actions/everything-commands.js";
import { WORDS_FLOOR, withThreshold } from "../state/found-masks.js";
import type {
  Everything,
  FindSettings,
  FoundMask,
  FoundThresholds,
  VersionsFound,
  WordsFound,
} from "../state/types.js";
import { formatCount, formatNumberOf } from "../text.js";
import { Panel } from "./panel.js";
import { useStudio, useStudioState } from "./studio-context.js";
import { CommandButton } from "./ui/command-button.js";
import { Progress } from "./ui/progress.js";
import { Slider } from "./ui/slider.js";
import { WordsField } from "./words-field.js";

/**
 * Everything mode: how it asks, how far it is, and which of the masks count. There while its tool is in hand.
 */
export function EverythingPanel() {
  const everything = useStudioState((state) => state.everything);
  return (
    <Panel name="everything" title="Everything">
      <div className="everything">
        {!["running", "done", "versions"].includes(everything.state) && <WordsField />}
        <Stage everything={everything} />
      </div>
    </Panel>
  );
}

function Stage({ everything }: { readonly everything: Everything }) {
  switch (everything.state) {
    case "idle":
      return <Settings />;
    case "failed":
      return (
        <>
          <p className="bad" role="alert">
            {everything.message}
          </p>
          <Settings />
        </>
      );
    case "asking":
      return (
        <>
          <Progress label={`Looking for ${everything.text}`} share={null} detail="" />
          <CommandButton command={stopFinding}>Stop</CommandButton>
        </>
      );
    case "words":
      return <ByWords words={everything} />;
    case "versions":
      return <Versions versions={everything} />;
    case "running":
      return <Running everything={everything} />;
    case "done":
      return <Found everything={everything} />;
  }
}

const BEHAVIOURS: Readonly<Record<Behaviour, string>> = {
  official: "Official: as Meta's program",
  paper: "Paper: with crops, finds small things",
  fast: "Fast: nearly the same, a third of the time",
};

function Settings() {
  const studio = useStudio();
  const settings = useStudioState((state) => state.findSettings);
  const change = (part: Partial<FindSettings>) =>
    studio.set(({ findSettings }) => ({ findSettings: { ...findSettings, ...part } }));
  return (
    <>
      <label className="field">
        <span>How to look</span>
        <select
          value={settings.behaviour}
          onChange={({ target }) => {
            const behaviour = target.value as Behaviour;
            change({ behaviour, minMaskRegionArea: BEHAVIOUR_DEFAULTS[behaviour].minMaskRegionArea });
          }}
        >
          {Object.entries(BEHAVIOURS).map(([value, text]) => (
            <option key={value} value={value}>
              {text}
            </option>
          ))}
        </select>
      </label>
      <Slider
        label="Points per side"
        value={settings.pointsPerSide}
        min={4}
        max={64}
        step={4}
        format={(value) => `${value} (${formatCount(value * value)})`}
        hint="More points find smaller things and take longer."
        onChange={(pointsPerSide) => change({ pointsPerSide })}
      />
      <Slider
        label="Smallest region"
        value={settings.minMaskRegionArea}
        min={0}
        max={1000}
        step={50}
        format={(value) => (value === 0 ? "any" : `${formatCount(value)} px`)}
        hint="Smaller islands are removed and smaller holes filled."
        onChange={(minMaskRegionArea) => change({ minMaskRegionArea })}
      />
      <CommandButton command={findAll} look="primary">
        Find all masks
      </CommandButton>
    </>
  );
}

function Running({ everything }: { readonly everything: Extract<Everything, { state: "running" }> }) {
  const { pointsDone, pointsTotal, found } = everything;
  return (
    <>
      <Progress
        label="Looking at every place"
        share={pointsTotal > 0 ? pointsDone / pointsTotal : null}
        detail={
          pointsTotal > 0 ? `${formatCount(pointsDone)} of ${formatCount(pointsTotal)} points` : "starting"
        }
      />
      <p className="everything-count">{formatNumberOf(found.length, "mask")} so far</p>
      <CommandButton command={stopFinding}>Stop</CommandButton>
    </>
  );
}

function ByWords({ words }: { readonly words: WordsFound }) {
  const studio = useStudio();
  const { text, engine, all, found, threshold } = words;
  return (
    <>
      <p className="everything-count" aria-live="polite">
        {found.length > 0
          ? `${formatNumberOf(found.length, "mask")} for “${text}”, by the ${engine}`
          : `Nothing is “${text}” here, as the ${engine} sees it.`}
      </p>
      {all.length > 0 && (
        <Slider
          label="Score"
          hint="How sure the engine is, at least."
          value={threshold}
          min={WORDS_FLOOR}
          max={1}
          step={0.01}
          format={(value) => value.toFixed(2)}
          onChange={(value) => studio.set(() => ({ everything: withThreshold(words, value) }))}
        />
      )}
      <ol className="words-found">
        {found.map((mask) => (
          <FoundByWord key={mask.boxXywh.join()} mask={mask} text={text} />
        ))}
      </ol>
      <div className="everything-actions">
        <CommandButton command={keepAllFound} look="primary">
          Keep all
        </CommandButton>
        <CommandButton command={stopFinding}>Discard</CommandButton>
      </div>
    </>
  );
}

function FoundByWord({ mask, text }: { readonly mask: FoundMask; readonly text: string }) {
  const studio = useStudio();
  const name = mask.word?.category ?? text;
  const score = mask.word?.score.toFixed(2);
  return (
    <li>
      <span>{name}</span> <span>{score}</span>
      <button
        type="button"
        className="button button-plain"
        aria-label={`Keep ${name} ${score}`}
        onClick={() => keepFoundMask(studio, mask)}
      >
        Keep
      </button>
    </li>
  );
}

/** What several people made: the reviewer keeps what is right. */
function Versions({ versions: { found } }: { readonly versions: VersionsFound }) {
  const studio = useStudio();
  return (
    <>
      <p className="everything-count" aria-live="polite">
        {formatNumberOf(found.length, "mask")} of several people
      </p>
      <ol className="words-found">
        {found.map((mask, i) => {
          const { className, number } = mask.version!;
          const name = `${className ?? "no class"}, version ${number}`;
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: the list does not change.
            <li key={i}>
              <span>{name}</span> <span>{formatCount(mask.areaPx)} px</span>
              <button
                type="button"
                className="button button-plain"
                aria-label={`Keep ${name}`}
                onClick={() => keepFoundMask(studio, mask)}
              >
                Keep
              </button>
            </li>
          );
        })}
      </ol>
      <CommandButton command={stopFinding}>Discard</CommandButton>
    </>
  );
}

const THRESHOLDS = [
  { name: "predIouThresh", label: "Predicted quality", hint: "The model's own estimate, at least." },
  { name: "stabilityScoreThresh", label: "Stability", hint: "How little the edge depends on the threshold." },
  { name: "boxNmsThresh", label: "Overlap", hint: "Of masks that overlap more, the better one stays." },
] as const satisfies readonly {
  readonly name: keyof FoundThresholds;
  readonly label: string;
  readonly hint: string;
}[];

function Found({ everything }: { readonly everything: Extract<Everything, { state: "done" }> }) {
  const studio = useStudio();
  const { found, selection } = everything;
  return (
    <>
      <p className="everything-count" aria-live="polite">
        {formatNumberOf(found.length, "mask")}
      </p>
      {THRESHOLDS.map(({ name, label, hint }) => (
        <Slider
          key={name}
          label={label}
          hint={hint}
          value={selection[name]}
          min={0}
          max={1}
          step={0.01}
          format={(value) => value.toFixed(2)}
          onChange={(value) => void studio.selectFound({ ...selection, [name]: value })}
        />
      ))}
      <div className="everything-actions">
        <CommandButton command={keepAllFound} look="primary">
          Keep all
        </CommandButton>
        <CommandButton command={stopFinding}>Discard</CommandButton>
      </div>
    </>
  );
}
