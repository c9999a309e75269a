import { expect, it } from "vitest";
import { onBothDatabases, START } from "../testing/on-both-databases.js";
import { addToStatistics, type StatisticsChange } from "./add-to-statistics.js";

const ONE_MASK: StatisticsChange = {
  project: "p",
  at: START,
  person: "anna",
  source: "manual",
  model: "sam:1",
  masks: 1,
  edits: 0,
  deletions: 0,
  clicks: 3,
  activeMs: 2500,
};

onBothDatabases("adding to the statistics", (open) => {
  it("sums the changes of a day", async () => {
    const { db } = await open();
    await addToStatistics(db, ONE_MASK);
    await addToStatistics(db, { ...ONE_MASK, at: START + 86_399_999, edits: 2, deletions: 1 });
    expect(await db.selectFrom("statistic").selectAll().execute()).toEqual([
      {
        project_id: "p",
        day: START / 86_400_000,
        person_id: "anna",
        source: "manual",
        model: "sam:1",
        stage: "annotation",
        class_name: "",
        masks: 2,
        edits: 2,
        deletions: 1,
        clicks: 6,
        active_ms: 5000,
      },
    ]);
  });

  it("keeps projects, days, people, sources, models, stages and classes apart", async () => {
    const { db } = await open();
    const others = [
      { project: "q" },
      { at: START + 86_400_000 },
      { person: "ben" },
      { source: "automatic" },
      { model: "" },
      { stage: "validation" },
      { className: "cat" },
    ];
    for (const other of [{}, ...others]) await addToStatistics(db, { ...ONE_MASK, ...other });
    const rows = await db.selectFrom("statistic").select("masks").execute();
    expect(rows.map(({ masks }) => masks)).toEqual([1, 1, 1, 1, 1, 1, 1, 1]);
  });

  it("is taken back with its transaction", async () => {
    const { db } = await open();
    const failing = db.transaction().execute(async (trx) => {
      await addToStatistics(trx, ONE_MASK);
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    expect(await db.selectFrom("statistic").selectAll().execute()).toEqual([]);
  });

  it("loses no change of many at once", async () => {
    const { db } = await open();
    const change = () => db.transaction().execute((trx) => addToStatistics(trx, ONE_MASK));
    await Promise.all(Array.from({ length: 20 }, change));
    expect(await db.selectFrom("statistic").select("masks").execute()).toEqual([{ masks: 20 }]);
  });
});
