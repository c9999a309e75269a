import { useCallback, useState } from "react";
import type { EngineStatisticsTable } from "../api/engine.js";
import { formatCount } from "../text.js";
import { Curve } from "./curve.js";
import { useEngine, useLoaded } from "./engine-context.js";
import { Failure } from "./failure.js";
import { formatDecimal, formatIou, formatModel, formatShare } from "./figures.js";
import { QueueHealth } from "./queue-health.js";
import { StatisticsTable } from "./statistics-table.js";

type Key = "source" | "model" | "stage" | "person" | "class" | "day" | "week";

/** What a project's masks cost, and how good they are: whether the model helps. */
export function StatisticsPage({ project: id }: { readonly project: string }) {
  const { engine } = useEngine();
  const load = useCallback(async () => {
    const params = { project: id };
    const table = (by: Key) => engine.getStatisticsTable({ params, query: { by } });
    const [overview, members, health, versions] = await Promise.all([
      engine.getStatistics({ params }),
      engine.listMembers({ params }),
      engine.getQueueHealth({ params }),
      engine.listModelVersions({ params }),
    ]);
    const [source, model, stage, day] = [
      await table("source"),
      await table("model"),
      await table("stage"),
      await table("day"),
    ];
    return { overview, members, health, versions, source, model, stage, day };
  }, [engine, id]);
  const { value, error } = useLoaded(load);
  const [other, setOther] = useState<"person" | "class" | "week">("person");
  if (!value) return error ? <Failure message={error} /> : <p className="muted">Counting …</p>;
  const { overview, members, versions, source, model, stage, day } = value;
  const csv = (by: Key) => `v1/engine/projects/${id}/statistics/csv?by=${by}`;
  const names = new Map(members.map((member) => [member.person, member.name]));
  const { total, isSample } = source;
  return (
    <>
      <section className="projects-card" aria-labelledby="statistics">
        <h2 id="statistics">All masks</h2>
        <ul className="figures">
          <Figure value={formatCount(overview.masks)} name="masks made" />
          <Figure value={formatDecimal(overview.masksPerImage)} name="masks a labelled image" />
          <Figure value={formatDecimal(overview.secondsPerMask)} name="seconds a mask" />
          <Figure value={formatDecimal(overview.clicksPerMask)} name="clicks a mask" />
          <Figure value={formatShare(total.acceptedShare)} name="accepted as made" />
          <Figure value={formatIou(total.truthIou)} name="IoU to ground truth" />
          <Figure value={formatIou(total.agreement)} name="agreement" />
        </ul>
        <p className="muted">
          Images: {overview.images.done} labelled, {overview.images.open} open, {overview.images.skipped}{" "}
          skipped. Masks a labelled image: those that are there now, of people and of the model. Pauses are
          not counted as work.
          {isSample && " Acceptance, IoU and agreement are those of a sample."}
        </p>
      </section>
      <section className="projects-card" aria-labelledby="help">
        <h2 id="help">Does the model help?</h2>
        <Comparison table={source} />
        <StatisticsTable
          {...{ title: "By how masks were made", of: "Made", table: source, csv: csv("source") }}
          nameOf={(key) => SOURCES[key] ?? key}
        />
        <StatisticsTable
          {...{ title: "By model version", of: "Model", table: model, csv: csv("model") }}
          nameOf={(key) => formatModel(key, versions)}
        />
        <StatisticsTable
          {...{ title: "By stage", of: "Stage", table: stage, csv: csv("stage") }}
          nameOf={(key) => key}
        />
      </section>
      <section className="projects-card" aria-labelledby="time">
        <h2 id="time">Over time</h2>
        <div className="curves">
          <Curve title="Masks a day" points={pointsOf(day, "masks")} format={formatDecimal} />
          <Curve title="Seconds a mask" points={pointsOf(day, "secondsPerMask")} format={formatDecimal} />
          <Curve title="Clicks a mask" points={pointsOf(day, "clicksPerMask")} format={formatDecimal} />
          <Curve title="Accepted as made" points={pointsOf(day, "acceptedShare")} format={formatShare} />
        </div>
      </section>
      <section className="projects-card" aria-labelledby="groups">
        <div className="statistics-title">
          <h2 id="groups">People, classes, weeks</h2>
          <select
            aria-label="What to group by"
            value={other}
            onChange={({ target }) => setOther(target.value as typeof other)}
          >
            <option value="person">by person</option>
            <option value="class">by class</option>
            <option value="week">by week</option>
          </select>
        </div>
        <OtherTable key={other} project={id} by={other} csv={csv(other)} names={names} />
      </section>
      <QueueHealth health={value.health} />
    </>
  );
}

function Figure({ value, name }: { readonly value: string; readonly name: string }) {
  return (
    <li>
      <strong>{value}</strong> <span>{name}</span>
    </li>
  );
}

const SOURCES: Readonly<Record<string, string>> = {
  manual: "by hand",
  "semi-automatic": "with clicks to the model",
  automatic: "by the model alone",
  merged: "merged from replicas",
  imported: "imported",
};

/** In one sentence. */
function Comparison({ table: { rows } }: { readonly table: EngineStatisticsTable }) {
  const of = (source: string) => rows.find(({ key, masks }) => key === source && masks > 0);
  const [hand, model, alone] = [of("manual"), of("semi-automatic"), of("automatic")];
  if (!model && !alone) return <p>No mask was made with the model yet.</p>;
  const said = (row: typeof hand) =>
    row &&
    `${formatDecimal(row.secondsPerMask)} s and ${formatDecimal(row.clicksPerMask)} clicks a mask, ${formatShare(row.acceptedShare)} accepted as made`;
  return (
    <p>
      {model && `With clicks to the model: ${said(model)}. `}
      {alone && `By the model alone: ${said(alone)}. `}
      {hand ? `By hand: ${said(hand)}.` : "Nothing was made by hand to compare it with."}
    </p>
  );
}

function pointsOf(
  { rows }: EngineStatisticsTable,
  figure: "masks" | "secondsPerMask" | "clicksPerMask" | "acceptedShare",
) {
  return rows.map((row) => ({ label: row.key, value: row[figure] }));
}

interface OtherTableProps {
  readonly project: string;
  readonly by: "person" | "class" | "week";
  readonly csv: string;
  readonly names: ReadonlyMap<string, string>;
}

function OtherTable({ project, by, csv, names }: OtherTableProps) {
  const { engine } = useEngine();
  const load = useCallback(
    () => engine.getStatisticsTable({ params: { project }, query: { by } }),
    [engine, project, by],
  );
  const { value: table, error } = useLoaded(load);
  if (!table) return error ? <Failure message={error} /> : <p className="muted">Counting …</p>;
  const { of, title, nameOf } = {
    person: { of: "Person", title: "By person", nameOf: (key: string) => names.get(key) ?? "segany" },
    class: { of: "Class", title: "By class", nameOf: (key: string) => key || "no class" },
    week: { of: "Week from", title: "By week", nameOf: (key: string) => key },
  }[by];
  return <StatisticsTable {...{ title, of, table, nameOf, csv }} />;
}
