/** A vitest reporter that ends with one plain line of counts, and says what was skipped for want of shared data. */
export default class ClosingLine {
  onTestRunEnd(modules) {
    const counts = { passed: 0, failed: 0, skipped: 0 };
    for (const module of modules) {
      if (module.state() === "failed" && [...module.children.allTests()].length === 0) counts.failed++;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        counts[state in counts ? state : "skipped"]++;
      }
    }
    if (counts.skipped > 0) {
      console.log("Tests are skipped where shared data or a browser is missing; see CONTRIBUTING.md, \"Running the tests\".");
    }
    console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  }
}
