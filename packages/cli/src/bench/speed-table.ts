import type { ColdReport, SpeedReport, StepName, StepSpeed } from "@segany/sam";
import { alignColumns } from "./align-columns.js";

const LABELS: Readonly<Record<StepName, string>> = {
  encoder: "image encoder",
  preparation: "preparation of an image's prompts",
  decoder: "mask decoder, batched",
  click: "one click after the preparation",
};

/** Formats a measurement as a table. */
export function speedTable({ gflops, openMs, rounds, threads, steps }: SpeedReport): string {
  const heads = ["step", "ms", "GFLOP", "GFLOPS", "share"];
  const rows = steps.map(rowOf);
  return [
    `Matrix product: ${gflops.toFixed(0)} GFLOPS with ${threads} threads. Opened and run once in ${openMs.toFixed(0)} ms.`,
    `Medians of ${rounds} ${rounds === 1 ? "round" : "rounds"}:`,
    alignColumns([heads, ...rows]),
  ].join("\n");
}

/** Formats the first images of fresh processes. */
export function coldLine({ processes, firstMs, warmMs, cpuMs, pageFaults, peakBytes }: ColdReport): string {
  return [
    `First image of ${processes} fresh processes, opening included: ${firstMs.toFixed(0)} ms,`,
    `${(firstMs / warmMs).toFixed(2)}x of a later one (${warmMs.toFixed(0)} ms);`,
    `${(cpuMs / 1000).toFixed(1)} s of processor time, ${Math.round(pageFaults / 1000)} thousand page faults,`,
    `${(peakBytes / 1e6).toFixed(0)} MB.`,
  ].join(" ");
}

function rowOf({ name, ms, prompts, flops, share }: StepSpeed): string[] {
  const each = prompts > 1 ? `, ${prompts} prompts (${(ms / prompts).toFixed(1)} ms each)` : "";
  return [
    LABELS[name] + each,
    ms.toFixed(1),
    (flops / 1e9).toFixed(1),
    (flops / ms / 1e6).toFixed(0),
    share.toFixed(2),
  ];
}
