import { openFolder, openImages } from "../actions/image-commands.js";
import { Logo } from "./logo.js";
import { CommandButton } from "./ui/command-button.js";

/** What is there before the first image. */
export function EmptyState() {
  return (
    <div className="empty-state">
      <Logo />
      <h2>Click an object and it is cut out</h2>
      <p>Drop images here, paste one, or open them from your device. JPEG, PNG, WebP and TIFF.</p>
      <div className="empty-state-actions">
        <CommandButton command={openImages} look="primary">
          Open images
        </CommandButton>
        <CommandButton command={openFolder}>Open folder</CommandButton>
      </div>
    </div>
  );
}
