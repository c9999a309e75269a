import { Command } from "commander";
import { auditCommand } from "../engine/audit-command.js";
import { auditLogCommand } from "../engine/audit-log-command.js";
import { backupCommand, restoreCommand } from "../engine/backup-commands.js";
import { exportCommand, importCommand } from "../engine/dataset-commands.js";
import { initCommand } from "../engine/init-command.js";
import { modelsCommand } from "../engine/models-commands.js";
import { prefillCommand } from "../engine/prefill-command.js";
import { replayCommand } from "../engine/replay-command.js";
import { retrainCommand } from "../engine/retrain-command.js";
import { runCommand } from "../engine/run-command.js";
import { segmentCommand } from "../engine/segment-command.js";
import { simulateCommand } from "../engine/simulate-command.js";
import { statisticsCommand } from "../engine/statistics-command.js";
import { statusCommand } from "../engine/status-command.js";
import { tasksCommand } from "../engine/task-commands.js";
import { usersCommand } from "../engine/user-commands.js";
import { workCommand } from "../engine/work-commands.js";

const EXAMPLES = `
Examples:
  segany engine init photos --class pear apple
  segany engine prefill                            proposes masks by the classes' names
  segany serve                                     people label at the printed address
  segany engine status
  segany engine export labels --to coco
  segany engine retrain                            a new model version from the accepted masks

Projects, people and masks are in engine.sqlite in the data folder, or in PostgreSQL (--database-url).`;

/** `segany engine`: commands for the data engine. */
export function engineCommand(): Command {
  const command = new Command("engine")
    .summary("label images as a team: projects, people, export")
    .description("Makes projects of images that a team labels, and writes their masks.")
    .addHelpText("after", EXAMPLES);
  for (const make of [
    initCommand,
    importCommand,
    prefillCommand,
    segmentCommand,
    statusCommand,
    tasksCommand,
    workCommand,
    exportCommand,
    usersCommand,
    statisticsCommand,
    auditLogCommand,
    replayCommand,
    backupCommand,
    restoreCommand,
    retrainCommand,
    modelsCommand,
    runCommand,
    auditCommand,
    simulateCommand,
  ])
    command.addCommand(make());
  return command;
}
