import type { WorkerEvent } from "@segany/data-engine";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

const SECONDS = [0.1, 0.3, 1, 3, 10, 30, 100, 300, 1000, 3000];

/** Figures of a worker for Prometheus. */
export interface WorkMetrics {
  readonly registry: Registry;
  count(event: WorkerEvent): void;
}

export function createWorkMetrics(): WorkMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const ended = new Counter({
    name: "segany_work_ended_total",
    help: "Attempts at work items, by how they ended",
    labelNames: ["kind", "end"],
    registers,
  });
  const running = new Gauge({
    name: "segany_work_running",
    help: "Work items that run",
    labelNames: ["kind"],
    registers,
  });
  const seconds = new Histogram({
    name: "segany_work_seconds",
    help: "Time of attempts at work items",
    labelNames: ["kind"],
    buckets: SECONDS,
    registers,
  });
  const failures = new Counter({
    name: "segany_queue_failures_total",
    help: "Times the queue could not be asked for work",
    registers,
  });
  const begun = new Map<string, number>();
  return {
    registry,
    count(event) {
      if (event.type === "queue-failed") return failures.inc();
      const { id, kind, attempt } = event.item;
      const key = `${id} ${attempt}`;
      if (event.type === "started") {
        begun.set(key, performance.now());
        return running.inc({ kind });
      }
      seconds.observe({ kind }, (performance.now() - (begun.get(key) ?? performance.now())) / 1000);
      begun.delete(key);
      running.dec({ kind });
      ended.inc({ kind, end: event.type });
    },
  };
}
