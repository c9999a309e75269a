import type { ModelVersion, PromptScores } from "@segany/data-engine";

const SCORES = [
  ["click", "one click", "miou@1"],
  ["oracle", "best of its three masks", "oracle@1"],
  ["clicks", "three clicks", "miou@3"],
  ["box", "box", "miou@box"],
] as const satisfies readonly (readonly [keyof PromptScores, string, string])[];

/** "one click 0.711 → 0.745, …" */
export function scoresText({ scores }: ModelVersion): string {
  if (!scores) return "";
  const { before, after } = scores;
  return SCORES.map(([name, what]) => `${what} ${before[name].toFixed(3)} → ${after[name].toFixed(3)}`).join(
    ", ",
  );
}

/** A version for `--json`, with scores under the names that other commands print. */
export function versionJson({ scores, ...version }: ModelVersion) {
  const named = ({ objects, ...values }: PromptScores) => ({
    ...Object.fromEntries(SCORES.map(([name, , key]) => [key, values[name]])),
    objects,
  });
  return { ...version, scores: scores && { before: named(scores.before), after: named(scores.after) } };
}

/** A version in a few lines: what it is made of, how good it is, why it was chosen. */
export function versionLines({ number, state, data, error, reason, ...version }: ModelVersion): string[] {
  const { training, validation } = data;
  const made =
    training.masks === 0
      ? (version.source?.name ?? "")
      : `${training.masks} masks of ${training.images} images`;
  const scores = scoresText({ number, state, data, error, reason, ...version });
  return [
    `${String(number).padStart(3)} ${state.padEnd(9)} ${made}`,
    ...(scores === "" ? [] : [`      ${scores} (${validation.images} frozen images)`]),
    ...(state === "failed" && error !== null ? [`      ${error}`] : []),
    ...(reason === null ? [] : [`      ${reason}`]),
  ];
}
