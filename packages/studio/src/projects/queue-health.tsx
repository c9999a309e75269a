import type { EngineQueueHealth } from "../api/engine.js";
import { formatNumberOf } from "../text.js";
import { formatTime } from "./figures.js";
import { WORK_NAMES } from "./work-names.js";

/** What waits for people and for the machine. */
export function QueueHealth({ health }: { readonly health: EngineQueueHealth }) {
  const { jobs, work, oldestJobMs, oldestWorkMs } = health;
  const dead = work.filter(({ state }) => state === "dead").reduce((sum, { count }) => sum + count, 0);
  return (
    <section className="projects-card" aria-labelledby="queue">
      <h2 id="queue">Queue</h2>
      <div className="queue-health">
        <div>
          <h3>Jobs</h3>
          <ul>
            {jobs.map(({ stage, state, count }) => (
              <li key={`${stage} ${state}`}>
                {stage}, {state}: <strong>{count}</strong>
              </li>
            ))}
          </ul>
          <p className="muted">
            {oldestJobMs === null
              ? "No job waits for a person."
              : `The oldest has waited for a person for ${formatTime(oldestJobMs)}.`}
          </p>
        </div>
        <div>
          <h3>Work of the machine</h3>
          <ul>
            {work.map(({ kind, state, count }) => (
              <li key={`${kind} ${state}`} className={state === "dead" ? "bad" : undefined}>
                {WORK_NAMES[kind] ?? kind}, {state}: <strong>{count}</strong>
              </li>
            ))}
          </ul>
          <p className="muted">
            {oldestWorkMs === null
              ? "Nothing waits for the machine."
              : `The oldest has been due for ${formatTime(oldestWorkMs)}.`}
          </p>
          {dead > 0 && <p className="bad">{formatNumberOf(dead, "work item")} failed for good.</p>}
        </div>
      </div>
    </section>
  );
}
