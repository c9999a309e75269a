/** What the page hands to the tests, for functions that run in it. */
import type * as Library from "@segany/sam/browser";

declare global {
  var segany: typeof Library;
  var weights: Library.EmbeddedWeights;
  var readStillLife: () => Promise<Library.RgbaImage>;
}
