/**
 * Simulates a large data set on many machines, from measured costs: hours, stragglers, and what the database
 * has to bear. Work is divided beforehand (`segany segment --shard i/n`) or item by item (the work queue).
 * Machines differ in speed, images in cost, and machines fail; all of it is drawn from one seed.
 *
 * node benchmarks/fleet.mjs [--images 11000000] [--machines 256] [--cores 64] [--image-seconds 12.4]
 *   [--images-per-item 100] [--speed-spread .1] [--cost-spread .3] [--hours-between-failures 2000] [--seed 1]
 */
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    images: { type: "string", default: "11000000" },
    machines: { type: "string", default: "256" },
    cores: { type: "string", default: "64" },
    "image-seconds": { type: "string", default: "12.4" },
    "images-per-item": { type: "string", default: "100" },
    "speed-spread": { type: "string", default: "0.1" },
    "cost-spread": { type: "string", default: "0.3" },
    "hours-between-failures": { type: "string", default: "2000" },
    seed: { type: "string", default: "1" },
  },
});
const number = (name) => Number(values[name]);

/** Cores that one process has where the seconds of an image were measured. */
const CORES_OF_A_PROCESS = 2;

/** Seconds until the lease of a worker that is gone has expired, and until a machine is back. */
const LEASE_S = 30;
const BACK_S = 300;

const random = createRandom(number("seed"));

function createRandom(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());

/** About 1, with that relative spread. */
const around1 = (spread) => Math.exp(spread * normal() - (spread * spread) / 2);

/** Seconds of work at normal speed of so many images: the spread of a sum falls with its root. */
const workOf = (images) =>
  number("image-seconds") * images * around1(number("cost-spread") / Math.sqrt(images));

/** Times at which a machine fails, in seconds. */
function failuresOf() {
  const mean = number("hours-between-failures") * 3600;
  let at = 0;
  const next = () => {
    at += -Math.log(1 - random()) * mean;
    return at;
  };
  return { next };
}

/** Smallest first. */
function createHeap() {
  const heap = [];
  const swap = (a, b) => ([heap[a], heap[b]] = [heap[b], heap[a]]);
  return {
    get size() {
      return heap.length;
    },
    push(item) {
      heap.push(item);
      for (let i = heap.length - 1; i > 0; ) {
        const parent = (i - 1) >> 1;
        if (heap[parent].at <= heap[i].at) break;
        swap(i, parent);
        i = parent;
      }
    },
    pop() {
      const top = heap[0];
      const last = heap.pop();
      if (heap.length > 0) {
        heap[0] = last;
        for (let i = 0; ; ) {
          let least = i;
          for (const child of [2 * i + 1, 2 * i + 2])
            if (child < heap.length && heap[child].at < heap[least].at) least = child;
          if (least === i) break;
          swap(i, least);
          i = least;
        }
      }
      return top;
    },
  };
}

function machinesOf() {
  const processes = Math.max(1, Math.floor(number("cores") / CORES_OF_A_PROCESS));
  return Array.from({ length: number("machines") }, () => {
    const failures = failuresOf();
    return { speed: around1(number("speed-spread")), failures, failsAt: failures.next(), processes };
  });
}

/** Each process has its share from the start; after a failure it goes on where it was. */
function simulateShards() {
  const ends = [];
  for (const machine of machinesOf()) {
    const share = number("images") / number("machines") / machine.processes;
    const seconds = Array.from({ length: machine.processes }, () => workOf(share) / machine.speed);
    let end = Math.max(...seconds);
    let failures = 0;
    for (; machine.failsAt < end; machine.failsAt = machine.failures.next()) {
      failures++;
      end += BACK_S;
    }
    ends.push({ end, failures });
  }
  const times = ends.map(({ end }) => end).sort((a, b) => a - b);
  return { times, again: ends.reduce((sum, { failures }) => sum + failures, 0) };
}

/** Processes take items one by one; what a machine that fails had is taken by others after the lease. */
function simulateItems() {
  const size = number("images-per-item");
  let waiting = Math.ceil(number("images") / size);
  const back = createHeap(); // items whose lease expires
  const free = createHeap();
  for (const machine of machinesOf())
    for (let i = 0; i < machine.processes; i++) free.push({ at: 0, machine });
  const ends = [];
  let [again, claims] = [0, 0];
  while (free.size > 0) {
    const { at, machine } = free.pop();
    while (machine.failsAt + BACK_S <= at) machine.failsAt = machine.failures.next();
    if (machine.failsAt <= at) {
      free.push({ at: machine.failsAt + BACK_S, machine });
      continue;
    }
    if (waiting === 0) {
      if (back.size === 0) continue;
      const { at: expires } = back.pop();
      waiting++;
      if (expires > at) {
        free.push({ at: expires, machine });
        continue;
      }
    }
    waiting--;
    claims++;
    const end = at + workOf(size) / machine.speed;
    if (machine.failsAt < end) {
      again++;
      back.push({ at: machine.failsAt + LEASE_S });
      free.push({ at: machine.failsAt + BACK_S, machine });
    } else {
      ends.push(end);
      free.push({ at: end, machine });
    }
  }
  ends.sort((a, b) => a - b);
  return { times: ends, again, claims };
}

function report(name, { times, again, claims }) {
  const hours = (seconds) => (seconds / 3600).toFixed(2).padStart(8);
  const at = (share) => times[Math.min(times.length - 1, Math.floor(share * times.length))];
  const end = times.at(-1);
  console.log(`${name}`);
  console.log(`  50 % ${hours(at(0.5))} h, 99 % ${hours(at(0.99))} h, all ${hours(end)} h`);
  console.log(`  the last 1 %: ${(((end - at(0.99)) / end) * 100).toFixed(1)} % of the time`);
  console.log(`  begun again after failures: ${again}`);
  if (claims === undefined) return;
  const processes = number("machines") * Math.floor(number("cores") / CORES_OF_A_PROCESS);
  const perSecond = claims / end;
  console.log(
    `  database: ${perSecond.toFixed(1)} items/s claimed and finished, ${(processes / 2).toFixed(0)} heartbeats/s`,
  );
}

const processes = number("machines") * Math.floor(number("cores") / CORES_OF_A_PROCESS);
const ideal = (number("images") * number("image-seconds")) / processes / 3600;
console.log(`${values.images} images, ${processes} processes, ideal ${ideal.toFixed(2)} h`);
report("shares beforehand", simulateShards());
report("item by item", simulateItems());
