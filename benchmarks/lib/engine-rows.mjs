/** Fills a database of the data engine with a project of any size, by SQL. */
import { sql } from "kysely";
import { boxToRle, rleArea } from "../../packages/masks/dist/index.js";

export const IMAGES_PER_JOB = 10;
export const PEOPLE = 50;
const IMAGES_PER_TASK = 10_000;
const SIZE = { width: 640, height: 480 };
const SAMPLES = 64;
const DAYS = 100;
const CLASSES = 20;
/** Masks that one statement inserts. */
const CHUNK = 100_000;
const START = Date.UTC(2026, 5, 1);

/** SQL that the databases write differently. @param pg whether it is PostgreSQL's */
function dialectOf(pg) {
  const hex = (digits, n) => (pg ? `lpad(to_hex(${n}), ${digits}, '0')` : `printf('%0${digits}x', ${n})`);
  // A bijection of 32-bit numbers (Knuth's multiplicative hash): hashes and random ids are in no order.
  const scattered = (n) => `((${pg ? `(${n})::bigint` : n}) * 2654435761 % 4294967296)`;
  return {
    imageId: (n) => hex(64, scattered(n)),
    randomId: (kind, n) => `'0000000${kind}-0000-4000-8000-' || ${hex(12, scattered(n))}`,
    id: (kind, n) => `'0000000${kind}-0000-7000-8000-' || ${hex(12, pg ? `(${n})::bigint` : n)}`,
    name: (n) => (pg ? `lpad((${n})::text, 7, '0') || '.jpg'` : `printf('%07d.jpg', ${n})`),
    numbers: (from, to) =>
      `with recursive n(i) as (select ${from} union all select i + 1 from n where i < ${to - 1})`,
  };
}

/** Ids as the rows have them. */
export const idOf = (kind, n) => `0000000${kind}-0000-7000-8000-${n.toString(16).padStart(12, "0")}`;

const PROJECT = idOf(1, 0);

/**
 * Jobs of ten images: of ten jobs six are accepted, one waits for review, one is half labelled, one was
 * rejected, and one is new. Each image has masks with one revision each, made by three clicks.
 *
 * @param onProgress called with the number of masks so far
 */
export async function fillProject({ db, kind }, { images, masksPerImage }, onProgress = () => {}) {
  const pg = kind === "postgres";
  const run = (text) => sql.raw(text).execute(db);
  const { imageId, randomId, id, name, numbers } = dialectOf(pg);
  if (!pg) for (const pragma of ["synchronous = off", "cache_size = -2000000"]) await run(`pragma ${pragma}`);
  const jobs = Math.ceil(images / IMAGES_PER_JOB);
  const tasks = Math.ceil(images / IMAGES_PER_TASK);
  await addPeople(db, run);
  await run(`${insert("task", "id, project_id, name, purpose, version, created_at")} ${numbers(0, tasks)}
    select ${id(3, "i")}, '${PROJECT}', 'task ' || i, 'production', 1, ${START} + i from n`);
  const person = id(2, `i % ${PEOPLE}`);
  const jobsPerTask = IMAGES_PER_TASK / IMAGES_PER_JOB;
  await run(`${insert("job", "id, task_id, project_id, type, stage, state, assignee, pulled, annotator, rank, version, created_at, updated_at")}
    ${numbers(0, jobs)} select ${id(4, "i")}, ${id(3, `i / ${jobsPerTask}`)}, '${PROJECT}', 'annotation',
      case when i % 10 < 6 then 'acceptance' when i % 10 = 6 then 'validation' else 'annotation' end,
      case when i % 10 < 6 then 'completed' when i % 10 = 7 then 'in progress'
        when i % 10 = 8 then 'rejected' else 'new' end,
      case when i % 10 in (7, 8) then ${person} end, case when i % 10 = 7 then 1 else 0 end,
      case when i % 10 < 7 or i % 10 = 8 then ${person} end, i % ${jobsPerTask}, 1, ${START} + i, ${START} + i
    from n`);
  await run(`${insert("image", "id, width, height, created_at")} ${numbers(0, images)}
    select ${imageId("i")}, ${SIZE.width}, ${SIZE.height}, ${START} from n`);
  const [job, position] = [`i / ${IMAGES_PER_JOB}`, `i % ${IMAGES_PER_JOB}`];
  await run(`${insert("job_image", "job_id, image_id, position, name, state, lock_number")}
    ${numbers(0, images)} select ${id(4, job)}, ${imageId("i")}, ${position}, ${name("i")},
      case when ${job} % 10 < 7 or (${job} % 10 = 7 and ${position} < 5) then 'done' else 'open' end, 1
    from n`);
  await addStatistics(run, { id, numbers });
  await addMasks(run, { numbers, imageId, randomId, id }, images * masksPerImage, masksPerImage, onProgress);
  if (pg) await run("analyze"); // as its daemon would
  return { project: PROJECT, jobs, tasks };
}

const insert = (table, columns) => `insert into ${table} (${columns})`;

async function addPeople(db, run) {
  await run(`insert into project (id, name, classes_json, settings_json, version, created_at)
    values ('${PROJECT}', 'size', '${JSON.stringify(classes())}', '{}', 1, ${START})`);
  for (let i = 0; i < PEOPLE; i++) {
    const person = { id: idOf(2, i), name: `person ${i}`, password: null, administrator: 0 };
    await db
      .insertInto("person")
      .values({ ...person, created_at: START, disabled_at: null })
      .execute();
    const role = i === 0 ? "owner" : "worker";
    await db.insertInto("member").values({ project_id: PROJECT, person_id: person.id, role }).execute();
  }
}

const classOf = (n) => `'class ' || ((${n}) % ${CLASSES})`;

const classes = () =>
  Array.from({ length: CLASSES }, (_, i) => ({ name: `class ${i}`, colour: "#3366cc", attributes: [] }));

/** Sums of each person, day and class, of masks by one model. */
async function addStatistics(run, { id, numbers }) {
  const day = `${Math.floor(START / 86_400_000)} + i / ${PEOPLE * CLASSES}`;
  await run(`${insert("statistic", "project_id, day, person_id, source, model, stage, class_name, masks, edits, deletions, clicks, active_ms")}
    ${numbers(0, PEOPLE * CLASSES * DAYS)}
    select '${PROJECT}', ${day}, ${id(2, `i % ${PEOPLE}`)}, 'semi-automatic', 'mobile_sam 0', 'annotation',
      ${classOf(`i / ${PEOPLE}`)},
      100, 10, 1, 300, 900000 from n`);
}

/** Boxes of all sizes, in compressed COCO RLE, and what was done for each. */
function samples() {
  return Array.from({ length: SAMPLES }, (_, i) => {
    const rle = boxToRle([(i * 97) % 500, (i * 53) % 400, 8 + ((i * 31) % 120), 8 + ((i * 17) % 70)], SIZE);
    const click = (at) => ({ at: START + 1000 * at, kind: "click", point: [i, 2 * i], label: 1 });
    const events = [{ at: START, kind: "start" }, click(1), click(2), click(3)];
    const model = { name: "mobile_sam", hash: "0".repeat(64) };
    return {
      ...{ i, area: rleArea(rle), mask: JSON.stringify(rle) },
      provenance: JSON.stringify({ source: "semi-automatic", model, events }),
    };
  });
}

async function addMasks(run, { numbers, imageId, randomId, id }, count, masksPerImage, onProgress) {
  await run(
    "create temporary table sample (i integer primary key, area integer, mask text, provenance text)",
  );
  for (const { i, area, mask, provenance } of samples())
    await run(`insert into sample values (${i}, ${area}, '${mask}', '${provenance}')`);
  const image = `(n.i / ${masksPerImage})`;
  const job = `(${image} / ${IMAGES_PER_JOB})`;
  const className = classOf("n.i");
  const joined = `from n join sample on sample.i = n.i % ${SAMPLES}`;
  for (let from = 0; from < count; from += CHUNK) {
    const chunk = numbers(from, Math.min(from + CHUNK, count));
    await run(`${insert("annotation", "id, project_id, job_id, image_id, revision, class_name, area, source, created_at")}
      ${chunk} select ${randomId(5, "n.i")}, '${PROJECT}', ${id(4, job)}, ${imageId(image)}, 1, ${className},
        area, 'semi-automatic', ${START} + n.i ${joined}`);
    await run(`${insert("annotation_revision", "annotation_id, number, change_id, kind, mask_json, class_name, attributes_json, provenance_json, author, stage, created_at, clicks, active_ms")}
      ${chunk} select ${randomId(5, "n.i")}, 1, ${randomId(6, "n.i")}, 'create', mask, ${className}, '{}',
        provenance, ${id(2, `${job} % ${PEOPLE}`)}, 'annotation', ${START} + n.i, 3, 3000 ${joined}`);
    onProgress(Math.min(from + CHUNK, count));
  }
}
