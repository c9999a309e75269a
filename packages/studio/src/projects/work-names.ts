/** Kinds of the machine's work, in words. */
export const WORK_NAMES: Readonly<Record<string, string>> = {
  "embed-task": "Encode the images",
  segment: "Find all objects",
  export: "Export",
  import: "Import",
  retrain: "Train a model version",
  stage: "Label images",
  "stage-by-command": "Label images, by a command",
};
