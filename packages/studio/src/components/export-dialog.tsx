import { useEffect, useState } from "react";
import { saveAllCutOuts } from "../actions/cut-out-commands.js";
import { importMasks } from "../actions/image-commands.js";
import { saveFile } from "../actions/save-file.js";
import type { GalleryImage } from "../state/types.js";
import type { ExportFormat } from "../studio.js";
import { formatNumberOf } from "../text.js";
import { useStudio, useStudioState } from "./studio-context.js";
import { CommandButton } from "./ui/command-button.js";
import { Dialog } from "./ui/dialog.js";
import { type RadioCard, RadioCards } from "./ui/radio-cards.js";

type Scope = "open" | "all";

const FORMATS: readonly RadioCard<ExportFormat>[] = [
  {
    value: "sa1b",
    label: "SA-1B JSON",
    description: "As Segment Anything's data set: run lengths, quality, prompts.",
  },
  {
    value: "coco",
    label: "COCO JSON",
    description: "For most training programs: one file for all images.",
  },
  {
    value: "yolo",
    label: "YOLO",
    description: "A text file of outlines for each image, and data.yaml. Put the images into images/.",
  },
  {
    value: "labelme",
    label: "LabelMe JSON",
    description: "A file for each image, to be put beside it.",
  },
  {
    value: "voc",
    label: "Pascal VOC",
    description: "XML with boxes, and two maps for each image. Put the images into JPEGImages/.",
  },
  { value: "cvat", label: "CVAT XML", description: "CVAT for images 1.1: one file with all masks." },
  { value: "png-masks", label: "PNG masks", description: "A black and white image for each object." },
  {
    value: "label-map",
    label: "Label map",
    description: "One image whose pixels are the numbers of objects.",
  },
];

/** Masks into files and out of files. */
export function ExportDialog({ onClose }: { readonly onClose: () => void }) {
  const studio = useStudio();
  const images = useStudioState((state) => state.images);
  const openId = useStudioState((state) => state.openImageId);
  const [format, setFormat] = useState<ExportFormat>("sa1b");
  const [scope, setScope] = useState<Scope>("open");
  const [isBusy, setBusy] = useState(false);
  const [isReading, setReading] = useState(true);
  const chosen = images.filter(({ id }) => scope === "all" || id === openId);
  const count = countObjects(chosen);
  const isWaiting = isBusy || (isReading && scope === "all");

  useEffect(() => {
    let isShown = true;
    void studio.readKeptMasks().then(() => isShown && setReading(false));
    return () => {
      isShown = false;
    };
  }, [studio]);

  async function save(): Promise<void> {
    setBusy(true);
    try {
      const ids = chosen.map(({ id }) => id);
      const file = await studio.exportMasks(format, ids);
      saveFile(file);
      if (file.losses?.length)
        studio.notify("info", `${file.name} has no place for: ${file.losses.join("; ")}.`);
      onClose();
    } catch (cause) {
      studio.notify("error", `The masks could not be exported. ${(cause as Error).message}`);
    } finally {
      setBusy(false);
    }
  }

  return (
    <Dialog
      title="Export and import"
      onClose={onClose}
      footer={
        <>
          <CommandButton command={importMasks} look="quiet" tooltip="above">
            Import masks
          </CommandButton>
          <CommandButton command={saveAllCutOuts} look="quiet" tooltip="above">
            Save cut-outs
          </CommandButton>
          <button
            type="button"
            className="button button-primary"
            aria-disabled={count === 0 || isWaiting || undefined}
            onClick={() => count > 0 && !isWaiting && void save()}
          >
            {isBusy ? "Exporting…" : `Export ${formatNumberOf(count, "object")}`}
          </button>
        </>
      }
    >
      <RadioCards legend="Format" options={FORMATS} value={format} onChange={setFormat} />
      <RadioCards
        legend="Which images"
        options={scopesOf(images, openId, isReading)}
        value={scope}
        onChange={setScope}
      />
    </Dialog>
  );
}

function scopesOf(
  images: readonly GalleryImage[],
  openId: string | null,
  isReading: boolean,
): RadioCard<Scope>[] {
  const open = images.filter(({ id }) => id === openId);
  return [
    { value: "open", label: "This image", description: describe(open) },
    {
      value: "all",
      label: images.length > 1 ? `All ${images.length} images` : "All images",
      description: isReading ? "Reading what the server keeps…" : describe(images),
      disabled: images.length < 2,
    },
  ];
}

function describe(images: readonly GalleryImage[]): string {
  return formatNumberOf(countObjects(images), "object");
}

function countObjects(images: readonly GalleryImage[]): number {
  return images.reduce((sum, { history }) => sum + history.present.objects.length, 0);
}
