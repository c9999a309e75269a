/** The parts that share the screen one at a time where it is narrow. */
export type PanelName = "gallery" | "classes" | "objects" | "everything" | "tray";
