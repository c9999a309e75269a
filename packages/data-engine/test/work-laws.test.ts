import { fileURLToPath } from "node:url";
import { onBothDatabases } from "../src/testing/on-both-databases.js";
import { workLaws } from "../src/testing/work-laws.js";

const main = fileURLToPath(new URL("worker-main.mjs", import.meta.url));

onBothDatabases("work of the machine", (open) => {
  workLaws(async () => ({ main, location: (await open()).location }));
});
