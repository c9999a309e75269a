import type { RunMode } from "../state/status.js";

export interface RunModeText {
  readonly label: string;
  readonly description: string;
}

/** The three ways of running, in words. */
export const RUN_MODES: Readonly<Record<RunMode, RunModeText>> = {
  "server-encodes": {
    label: "Server and browser",
    description: "The server looks at the image once; masks follow the cursor in this page.",
  },
  browser: {
    label: "All in this browser",
    description: "Images never leave this page. Opening one takes longer.",
  },
  server: {
    label: "All on the server",
    description: "For slow devices. Each click asks the server.",
  },
};
