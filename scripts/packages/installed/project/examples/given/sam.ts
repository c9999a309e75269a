import { loadSam } from "@segany/sam";

export const sam = await loadSam("mobile_sam");
