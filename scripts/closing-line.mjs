import { missingNodes } from "./nodes/other-nodes.mjs";
import { findChromium, NO_CHROMIUM } from "./testing/find-chromium.mjs";
import { findPostgres, NO_POSTGRES } from "./testing/postgres.mjs";
import { findRedis, NO_REDIS } from "./testing/redis.mjs";
import { findMoto, NO_MOTO } from "./testing/s3.mjs";

/**
 * A reporter for vitest that ends a run with the Node it ran on and one plain line of counts. A file that
 * fails before its tests are known (a syntax error, a failing hook) and an error outside all tests count as
 * one failure each.
 */
export class ClosingLine {
  onTestRunEnd(modules, unhandledErrors) {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    for (const module of modules) {
      const states = [...module.children.allTests()].map((test) => test.result().state);
      if (!module.ok() && !states.includes("failed")) counts.failed++;
      for (const state of states) counts[state === "pending" ? "skipped" : state]++;
    }
    if (counts.skipped > 0) {
      console.log('Tests skip where the data they need is missing: CONTRIBUTING.md, "Running the tests".');
    }
    if (counts.skipped > 0 && !findChromium()) console.log(NO_CHROMIUM);
    if (counts.skipped > 0 && !findPostgres()) console.log(NO_POSTGRES);
    if (counts.skipped > 0 && !findRedis()) console.log(NO_REDIS);
    if (counts.skipped > 0 && !findMoto()) console.log(NO_MOTO);
    if (counts.skipped > 0 && missingNodes()) console.log(missingNodes());
    console.log(`Node ${process.versions.node} on ${process.platform} ${process.arch}`);
    console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  }
}
