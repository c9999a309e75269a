import { dirname } from "node:path";
import { checkWritableFolder } from "@segany/runtime/files";
import { readImage, SamPredictor, saveImageEmbedding } from "@segany/sam";
import { Command } from "commander";
import { UsageError } from "../cli-error.js";
import { addImageOptions, type ImageOptions, readingOptions } from "../image-options.js";
import { imageSha256, imageSource } from "../image-source.js";
import { interruption } from "../interruption.js";
import { loadModel } from "../load-model.js";
import { addModelOptions, type ModelOptions } from "../model-options.js";
import { printJson } from "../terminal/print.js";
import { createProgress } from "../terminal/progress.js";
import { wholeMilliseconds } from "../timings.js";

const EXAMPLES = `
Examples:
  segany embed photo.jpg --output photo.safetensors
  segany embed photo.jpg --output photo.npy --model vit_b     (also writes photo.npy.json)`;

interface EmbedOptions extends ModelOptions, ImageOptions {
  readonly output: string;
  readonly json?: boolean;
}

/** `segany embed`: writes the image encoder's output, for `segany predict --embedding` and for web pages. */
export function embedCommand(): Command {
  const command = new Command("embed")
    .summary("compute an image's embedding once, for many prompts")
    .description("Runs the image encoder on an image and saves the embedding.")
    .argument("<image>", "image file, or - for standard input")
    .requiredOption("-o, --output <file>", "output file: .safetensors or .npy")
    .option("--json", "print one JSON object on standard output")
    .action(run);
  return addImageOptions(addModelOptions(command)).addHelpText("after", EXAMPLES);
}

async function run(path: string, options: EmbedOptions): Promise<void> {
  const { output } = options;
  if (!/\.(npy|safetensors)$/.test(output))
    throw new UsageError(`--output ${output}: it must end in .safetensors or .npy.`);
  await checkWritableFolder(dirname(output));
  const progress = createProgress({ quiet: options.quiet || options.json });
  const start = performance.now();
  progress.begin("Loading the model", 1);
  const notices: string[] = [];
  const finding = imageSource(path);
  const reading = finding.then((source) =>
    readImage(source, { ...readingOptions(options, notices), signal: interruption }),
  );
  reading.catch(() => {}); // an error of the model comes first
  await using sam = await loadModel(options, { opensEncoder: true });
  const loaded = performance.now();
  progress.begin("Encoding", 1);
  const image = await reading;
  const predictor = new SamPredictor(sam);
  const encoding = performance.now();
  await predictor.setImage(image, { signal: interruption });
  const encoded = performance.now();
  const sha256 = await imageSha256(await finding, options);
  await saveImageEmbedding(
    output,
    { ...predictor.getImageEmbedding(), imageSha256: sha256 },
    {
      followLink: true,
      signal: interruption,
    },
  );
  progress.end(`${path}: embedding → ${output}`);
  notices.forEach(progress.note);
  if (!options.json) return;
  const timings = {
    load: loaded - start,
    encode: encoded - encoding,
    decode: 0,
    post: 0,
    total: performance.now() - loaded,
  };
  printJson({
    file: path,
    output,
    masks: 0,
    timings_ms: wholeMilliseconds(timings),
    ...(notices.length > 0 && { notices }),
  });
}
