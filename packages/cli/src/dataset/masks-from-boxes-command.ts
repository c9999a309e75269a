import { Command } from "commander";
import { addImageOptions } from "../image-options.js";
import { addModelSelection } from "../model-options.js";
import type { MasksFromBoxesArguments } from "./run-masks-from-boxes.js";
import { addWriteOptions } from "./shared-options.js";

/** `segany dataset masks-from-boxes` */
export function masksFromBoxesCommand(): Command {
  const command = new Command("masks-from-boxes")
    .summary("turn boxes into masks with the model")
    .description(
      "Makes a mask for each box that has none, with the model, and replaces the box by the tight box of the mask. Annotations that have a mask are kept as they are.",
    )
    .argument("<input>", "data set with boxes")
    .argument("<output>", "output folder")
    .action(async (input: string, output: string, options: MasksFromBoxesArguments) => {
      const { runMasksFromBoxes } = await import("./run-masks-from-boxes.js"); // with the model's libraries
      await runMasksFromBoxes(input, output, options);
    });
  addImageOptions(addModelSelection(addWriteOptions(command).optionsGroup("Model:")));
  return command.addHelpText(
    "after",
    `
Examples:
  segany dataset masks-from-boxes voc-boxes voc-masks
  segany dataset masks-from-boxes detections masks --to coco --model vit_h --checkpoint sam_vit_h_4b8939.pth
  segany dataset masks-from-boxes detections masks --resume        (after an interruption)

The score of a mask (predicted_iou) is written where the format has a place for it: coco, sa1b, png. Boxes of
crowds, boxes in which the model finds nothing, and boxes of images without a file stay boxes.`,
  );
}
