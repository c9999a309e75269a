/**
 * Entry of the bundle that `bin/segany.js` runs for the commands in `model-commands.ts`: a click on a saved
 * embedding takes less time than loading 250 modules one by one.
 */
import { modelCommands } from "./model-commands.js";
import { runProgram } from "./run-program.js";

await runProgram(modelCommands);
