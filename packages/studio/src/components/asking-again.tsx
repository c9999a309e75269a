import { Hourglass } from "lucide-react";
import { useEffect, useState } from "react";
import type { AskingAgain as State } from "../state/types.js";
import { useStudioState } from "./studio-context.js";

/** Why there is no answer yet, for people. */
export const WAITING_REASONS: Readonly<Record<State["reason"], string>> = {
  "server-busy": "The server is busy.",
  "server-unreachable": "The server does not answer.",
};

/** Says that the model could not be asked, and when it is asked again; nothing otherwise. */
export function AskingAgain() {
  const askingAgain = useStudioState((state) => state.askingAgain);
  return askingAgain && <Countdown askingAgain={askingAgain} />;
}

function Countdown({ askingAgain }: { readonly askingAgain: State }) {
  const { reason, atMs, attempt, attempts } = askingAgain;
  const seconds = useSecondsUntil(atMs);
  return (
    <p className="asking-again">
      <Hourglass aria-hidden="true" />
      <span>
        {WAITING_REASONS[reason]} Asking again in {seconds} s (attempt {attempt} of {attempts}).
      </span>
    </p>
  );
}

/** Whole seconds that are left, counted down. */
function useSecondsUntil(atMs: number): number {
  const [nowMs, setNowMs] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNowMs(Date.now()), 250);
    return () => clearInterval(timer);
  }, []);
  return Math.max(0, Math.ceil((atMs - nowMs) / 1000));
}
