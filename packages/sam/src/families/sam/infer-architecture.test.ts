import type { TensorInfo } from "@segany/graph/weights";
import { openCheckpointFile } from "@segany/runtime/files";
import { describe, expect, it } from "vitest";
import { haveSharedFiles, sharedFile } from "../../../../../scripts/testing/shared-files.mjs";
import type { InferredModel, Tensors } from "../../model/model-family.js";
import { publishedDecoder, vitHuge } from "../../testing/random-checkpoint.js";
import { SMALL_ARCHITECTURE } from "../../testing/small-architecture.js";
import { unusualVitShapes, type VitWeightOptions } from "../../testing/vit-weights.js";
import type { Architecture, VitArchitecture } from "./architecture.js";
import { inferArchitecture } from "./infer-architecture.js";
import { decoderWeightShapes, vitWeightShapes } from "./weight-shapes.js";

type Shapes = Record<string, readonly number[]>;

const flat = ({ name, architecture }: InferredModel<Architecture>) => ({ name, ...architecture });

const infer = (shapes: Shapes) => flat(inferArchitecture(tensorsOf(shapes)));

function tensorsOf(shapes: Shapes): Tensors {
  return new Map(
    Object.entries(shapes).map(([key, shape]): [string, TensorInfo] => [key, { dtype: "float32", shape }]),
  );
}

const samShapes = (encoder: VitArchitecture, options: VitWeightOptions = {}): Shapes => ({
  ...unusualVitShapes(encoder, options),
  ...decoderWeightShapes({ decoder: publishedDecoder }),
});
const vitBase: VitArchitecture = {
  ...vitHuge,
  embedDim: 768,
  depth: 12,
  numHeads: 12,
  mlpDim: 3072,
  globalAttnIndexes: [2, 5, 8, 11],
};
const vitLarge: VitArchitecture = {
  ...vitHuge,
  embedDim: 1024,
  depth: 24,
  mlpDim: 4096,
  globalAttnIndexes: [5, 11, 17, 23],
};

describe("a ViT's numbers", () => {
  it("are told from the shapes for every published size", () => {
    const published = { vit_b: vitBase, vit_l: vitLarge, vit_h: vitHuge };
    for (const [name, encoder] of Object.entries(published)) {
      expect(infer(samShapes(encoder))).toEqual({ name, encoder, decoder: publishedDecoder });
    }
  });

  it("are told for custom sizes: other images, patches, windows, all blocks global or none", () => {
    const custom: VitArchitecture[] = [
      {
        ...vitBase,
        imageSize: 512,
        patchSize: 8,
        embedDim: 96,
        depth: 3,
        numHeads: 4,
        windowSize: 7,
        globalAttnIndexes: [1],
      },
      { ...vitBase, depth: 2, windowSize: 0, globalAttnIndexes: [0, 1] },
      { ...vitBase, depth: 2, globalAttnIndexes: [] },
    ];
    for (const encoder of custom) expect(infer(samShapes(encoder))).toMatchObject({ name: "vit", encoder });
  });

  it("are told for images so small that a window is larger than their grid", () => {
    for (const imageSize of [64, 128, 208]) {
      const encoder = { ...vitBase, imageSize };
      expect(infer(samShapes(encoder))).toMatchObject({ encoder });
    }
  });

  it("are told where positions of global blocks were learned for another grid, even if the windows fill it", () => {
    for (const imageSize of [128, 224, 256]) {
      const encoder = { ...vitBase, imageSize };
      const shapes = samShapes(encoder);
      for (const index of vitBase.globalAttnIndexes)
        for (const axis of ["h", "w"])
          shapes[`image_encoder.blocks.${index}.attn.rel_pos_${axis}`] = [127, 64];
      expect(infer(shapes)).toMatchObject({ encoder });
    }
  });

  it("are told for pruned encoders, whose attention is narrower than the block", () => {
    expect(infer(samShapes(vitBase, { headWidth: 14 }))).toMatchObject({ encoder: vitBase });
  });

  it("are told without absolute positions", () => {
    expect(infer(samShapes(vitBase, { posEmbed: false }))).toMatchObject({ encoder: vitBase });
  });

  it("ignore what else a checkpoint holds", () => {
    const hq = {
      ...samShapes(vitBase),
      "mask_decoder.hf_token.weight": [1, 256],
      "image_encoder.head.bias": [1000],
    };
    expect(infer(hq).name).toBe("vit_b");
  });
});

describe("a decoder's numbers", () => {
  it("are told from the shapes", () => {
    const { encoder, decoder } = SMALL_ARCHITECTURE;
    const shapes = {
      ...vitWeightShapes(encoder as VitArchitecture),
      ...decoderWeightShapes(SMALL_ARCHITECTURE),
    };
    expect(infer(shapes).decoder).toEqual({ ...decoder, numHeads: 8 });
  });
});

describe("shapes that don't fit", () => {
  const change = (changes: Shapes, without?: string): Shapes => {
    const shapes = { ...samShapes(vitBase), ...changes };
    if (without) delete shapes[without];
    return shapes;
  };
  const refusals: [key: string, shapes: Shapes, code: string][] = [
    ...[
      "image_encoder.blocks.3.norm1.weight",
      "image_encoder.neck.2.weight",
      "mask_decoder.mask_tokens.weight",
    ].map((key): [string, Shapes, string] => [key, change({}, key), "checkpoint-invalid"]),
    [
      "image_encoder.patch_embed.proj.weight",
      change({}, "image_encoder.patch_embed.proj.weight"),
      "checkpoint-unsupported",
    ],
    [
      "image_encoder.blocks.0.attn.rel_pos_h",
      samShapes({ ...vitBase, useRelPos: false }),
      "checkpoint-unsupported",
    ],
    [
      "image_encoder.pos_embed",
      change({ "image_encoder.pos_embed": [1, 64, 32, 768] }),
      "checkpoint-invalid",
    ],
    [
      "image_encoder.blocks.1.attn.qkv.weight",
      change({ "image_encoder.blocks.1.attn.qkv.weight": [768, 768] }),
      "checkpoint-invalid",
    ],
    [
      "image_encoder.blocks.2.attn.rel_pos_h",
      change({
        "image_encoder.blocks.2.attn.rel_pos_h": [127, 65],
        "image_encoder.blocks.2.attn.rel_pos_w": [127, 65],
      }),
      "checkpoint-invalid",
    ],
    [
      "relative positions",
      change({
        "image_encoder.blocks.2.attn.rel_pos_h": [31, 64],
        "image_encoder.blocks.2.attn.rel_pos_w": [31, 64],
      }),
      "checkpoint-unsupported",
    ],
    [
      "image_encoder.blocks.4",
      change({
        "image_encoder.blocks.4.mlp.lin1.weight": [99, 768],
        "image_encoder.blocks.4.mlp.lin2.weight": [768, 99],
      }),
      "checkpoint-unsupported",
    ],
    [
      "mask_decoder.iou_token.weight",
      change({ "mask_decoder.iou_token.weight": [1, 128] }),
      "checkpoint-invalid",
    ],
  ];
  for (const [part, shapes, code] of refusals) {
    it(`are refused as ${code}, naming ${part}`, () => {
      expect(() => infer(shapes)).toThrow(
        expect.objectContaining({ code, message: expect.stringContaining(part) }),
      );
    });
  }
});

describe("real files", () => {
  const files = {
    "fixtures/sam/mobile_sam.pt": {
      name: "mobile_sam",
      encoder: {
        embedDims: [64, 128, 160, 320],
        depths: [2, 2, 6, 2],
        numHeads: [0, 4, 5, 10],
        windowSizes: [0, 7, 14, 7],
      },
    },
    "fixtures/vit/vit_test.pth": {
      name: "vit",
      encoder: {
        embedDim: 96,
        depth: 4,
        numHeads: 4,
        mlpDim: 384,
        windowSize: 14,
        globalAttnIndexes: [1, 3],
      },
    },
  };
  for (const [path, expected] of Object.entries(files)) {
    it.skipIf(!haveSharedFiles(path))(`${path} is told apart`, async () => {
      const state = await openCheckpointFile(sharedFile(path));
      expect(flat(inferArchitecture(state.tensors))).toMatchObject({
        ...expected,
        decoder: publishedDecoder,
      });
      await state.close();
    });
  }
});
