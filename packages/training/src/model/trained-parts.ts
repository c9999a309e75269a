import type { NetworkPart } from "@segany/sam/training";

/** Choices of what is trained, and the parts of the network that each names. */
export const TRAINED_PARTS = {
  decoder: ["mask-decoder"],
  "decoder+prompt": ["mask-decoder", "prompt-encoder"],
  neck: ["mask-decoder", "prompt-encoder", "neck"],
  encoder: ["mask-decoder", "prompt-encoder", "neck", "image-encoder"],
} as const satisfies Record<string, readonly NetworkPart[]>;

/** What can be trained: parts of the network, or low-rank adapters (LoRA) of its linear layers. */
export const TRAINED = [...(Object.keys(TRAINED_PARTS) as (keyof typeof TRAINED_PARTS)[]), "lora"] as const;

/** One of them. */
export type Trained = (typeof TRAINED)[number];

/** Linear layers that get adapters: those of attention, or all of transformers and heads. */
export const LORA_TARGETS = ["attention", "linear"] as const;

/** What is trained, and how it begins. */
export interface TrainedSettings {
  readonly train: Trained;
  /** Rank of the adapters of `train: "lora"`. */
  readonly loraRank: number;
  readonly loraTargets: (typeof LORA_TARGETS)[number];
  /** Of all random choices. */
  readonly seed: number;
}
