import { Command } from "commander";
import { masksFromBoxesCommand } from "../dataset/masks-from-boxes-command.js";
import {
  filterCommand,
  mergeCommand,
  remapCommand,
  sampleCommand,
  splitCommand,
} from "../dataset/operation-commands.js";
import {
  convertCommand,
  inpaintCommand,
  statsCommand,
  validateCommand,
  viewCommand,
} from "../dataset/report-commands.js";

const EXAMPLES = `
Examples:
  segany dataset convert coco --to yolo yolo
  segany dataset stats coco --html stats.html
  segany dataset view coco pages
  segany dataset validate sa_000000.tar

A data set is a folder, a file or a tar shard; its format is detected. See also: segany dataset convert --help`;

/** `segany dataset`: commands for data sets of masks. */
export function datasetCommand(): Command {
  const command = new Command("dataset")
    .summary("convert, validate, count, view and change data sets of masks")
    .description("Converts, validates, counts, views and changes data sets of masks.")
    .addHelpText("after", EXAMPLES);
  for (const make of [
    convertCommand,
    statsCommand,
    viewCommand,
    validateCommand,
    splitCommand,
    filterCommand,
    mergeCommand,
    sampleCommand,
    remapCommand,
    inpaintCommand,
    masksFromBoxesCommand,
  ]) {
    command.addCommand(make());
  }
  return command;
}
