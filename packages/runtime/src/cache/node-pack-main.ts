/**
 * Makes a packed copy, with the least priority. The argument is the task, as JSON; see node-pack-later.ts.
 */
import { constants, setPriority } from "node:os";
import { type PackingTask, packGraph } from "./node-packed-graph.js";

setPriority(constants.priority.PRIORITY_LOW);
await packGraph(JSON.parse(process.argv[2]!) as PackingTask);
