import type {
  ExclusiveBoxXyxy,
  ImagePoint,
  InclusiveBoxXyxy,
  Mask,
  MaskRecord,
  MaskRuns,
  ModelPoint,
  Rle,
  UncompressedRle,
} from "@segany/masks";
import type { CallOptions } from "@segany/runtime";
import { describe, expectTypeOf, it } from "vitest";
import type { ImageEmbedding } from "./embeddings/image-embedding.js";
import type { DecodeRequest, ENGINE_METHODS, EngineCalls, EngineMethods } from "./engine/methods.js";
import type { Engine } from "./engine/types.js";
import { samFamily } from "./families/sam/sam-family.js";
import type { SamAutomaticMaskGenerator } from "./mask-generator/automatic-mask-generator.js";
import type { DecodedMasks } from "./model/decoded-masks.js";
import type { ModelFamily } from "./model/model-family.js";
import type { Prediction } from "./prediction.js";
import type { LogitMap } from "./prediction-form.js";
import type { PredictOptions, SamPredictor } from "./predictor.js";
import type { PreparedImage } from "./preprocessing/prepare-image.js";
import type { LoadSamOptions as BrowserLoadOptions } from "./processes/browser-load-options.js";
import type { LoadSamOptions } from "./processes/node-load-sam.js";
import type { ImagePrompt } from "./prompt.js";
import type { CropProgress, CropTask, CropTimings } from "./proposals/types.js";

/** Functions that are only typed: calling them would need a model. */
const predicting = (predictor: SamPredictor, prompt: ImagePrompt) => ({
  plain: () => predictor.predict(prompt),
  dense: () => predictor.predict({ ...prompt, outputMode: "binary_mask" }),
  coco: () => predictor.predict({ ...prompt, outputMode: "coco_rle" }),
  uncompressed: () => predictor.predict({ ...prompt, outputMode: "uncompressed_rle" }),
  logits: () => predictor.predict({ ...prompt, returnLogits: true }),
  notLogits: () => predictor.predict({ ...prompt, returnLogits: false, outputMode: "coco_rle" }),
  batch: () => predictor.predictBatch([prompt]),
  batchCoco: () => predictor.predictBatch([prompt], { outputMode: "coco_rle" }),
  batchLogits: () => predictor.predictBatch([prompt], { returnLogits: true }),
});
type Predicted<Name extends keyof ReturnType<typeof predicting>> = Awaited<
  ReturnType<ReturnType<typeof predicting>[Name]>
>;

describe("SamPredictor's types", () => {
  it("follow from the output mode", () => {
    expectTypeOf<Predicted<"plain">>().toEqualTypeOf<Prediction<Mask>>();
    expectTypeOf<Predicted<"dense">>().toEqualTypeOf<Prediction<Mask>>();
    expectTypeOf<Predicted<"coco">>().toEqualTypeOf<Prediction<Rle>>();
    expectTypeOf<Predicted<"uncompressed">>().toEqualTypeOf<Prediction<UncompressedRle>>();
    expectTypeOf<Predicted<"notLogits">>().toEqualTypeOf<Prediction<Rle>>();
    expectTypeOf<Predicted<"logits">>().toEqualTypeOf<Prediction<LogitMap>>();
    expectTypeOf<Predicted<"batch">>().toEqualTypeOf<Prediction<Mask>[]>();
    expectTypeOf<Predicted<"batchCoco">>().toEqualTypeOf<Prediction<Rle>[]>();
    expectTypeOf<Predicted<"batchLogits">>().toEqualTypeOf<Prediction<LogitMap>[]>();
  });

  it("refuse logits in an output mode, and modes that don't exist", () => {
    const refused = (predictor: SamPredictor, prompt: ImagePrompt) => [
      // @ts-expect-error logits have no output mode
      () => predictor.predict({ ...prompt, returnLogits: true, outputMode: "coco_rle" }),
      // @ts-expect-error no such mode
      () => predictor.predict({ ...prompt, outputMode: "rle" }),
      // @ts-expect-error a batch takes prompts first
      () => predictor.predictBatch({ ...prompt }),
    ];
    expectTypeOf(refused).returns.toExtend<readonly unknown[]>();
  });

  it("take prompts in the image's frame", () => {
    type Points = NonNullable<ImagePrompt["pointCoords"]>;
    expectTypeOf<ImagePoint[]>().toExtend<Points>();
    expectTypeOf<[number, number][]>().toExtend<Points>();
    expectTypeOf<ModelPoint[]>().not.toExtend<Points>();
    expectTypeOf<ExclusiveBoxXyxy>().toExtend<NonNullable<ImagePrompt["box"]>>();
    expectTypeOf<InclusiveBoxXyxy>().not.toExtend<NonNullable<ImagePrompt["box"]>>();
    expectTypeOf<PredictOptions>().toExtend<ImagePrompt>();
  });
});

describe("SamAutomaticMaskGenerator's types", () => {
  it("follow from the output mode", () => {
    type Found<Generator extends { generate(...args: never[]): Promise<unknown> }> = Awaited<
      ReturnType<Generator["generate"]>
    >;
    expectTypeOf<Found<SamAutomaticMaskGenerator>>().toEqualTypeOf<MaskRecord<Mask>[]>();
    expectTypeOf<Found<SamAutomaticMaskGenerator<"coco_rle">>>().toEqualTypeOf<MaskRecord<Rle>[]>();
  });
});

describe("options of loadSam", () => {
  it("are all optional on Node", () => {
    expectTypeOf<object>().toExtend<LoadSamOptions>();
    expectTypeOf<
      "device" | "threads" | "precision" | "checkpoint" | "cacheDirectory" | "runIn" | "signal"
    >().toExtend<keyof LoadSamOptions>();
    expectTypeOf<NonNullable<LoadSamOptions["runIn"]>>().toEqualTypeOf<"child-process" | "this-process">();
  });

  it("need weights in a browser", () => {
    expectTypeOf<object>().not.toExtend<BrowserLoadOptions>();
    expectTypeOf<{ weights: string }>().toExtend<BrowserLoadOptions>();
    expectTypeOf<{ weights: { encoderUrl: string; decoderUrl: Blob } }>().toExtend<BrowserLoadOptions>();
    expectTypeOf<{ weights: { encoderUrl: string } }>().not.toExtend<BrowserLoadOptions>();
  });
});

describe("the engine's methods", () => {
  it("have one entry each in the table of traits, and one function", () => {
    expectTypeOf<keyof typeof ENGINE_METHODS>().toEqualTypeOf<keyof EngineMethods>();
    expectTypeOf<keyof EngineCalls>().toEqualTypeOf<keyof EngineMethods>();
    expectTypeOf<Engine>().toExtend<EngineCalls>();
  });

  it("take and return what the table says", () => {
    expectTypeOf<EngineCalls["encode"]>().toEqualTypeOf<
      (request: PreparedImage, options?: CallOptions) => Promise<ImageEmbedding>
    >();
    expectTypeOf<EngineCalls["decode"]>().toEqualTypeOf<
      (request: DecodeRequest, options?: CallOptions) => Promise<DecodedMasks>
    >();
    expectTypeOf<EngineCalls["propose"]>().toEqualTypeOf<
      (request: CropTask, options?: CallOptions<CropProgress>) => Promise<CropTimings>
    >();
    expectTypeOf<EngineCalls["select"]>().returns.resolves.toEqualTypeOf<MaskRecord<MaskRuns>[]>();
  });
});

describe("a family of models", () => {
  it("has every part that the engine calls", () => {
    expectTypeOf(samFamily).toExtend<ModelFamily>();
    type Required<T> = { [Key in keyof T]-?: object extends Pick<T, Key> ? never : Key }[keyof T];
    expectTypeOf<Required<ModelFamily>>().toEqualTypeOf<
      | "name"
      | "keyRoots"
      | "matches"
      | "infer"
      | "isDecoderKey"
      | "restore"
      | "io"
      | "prepare"
      | "encoder"
      | "decoder"
    >();
  });
});
