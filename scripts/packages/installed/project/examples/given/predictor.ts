import { SamPredictor } from "@segany/sam";
import { image } from "./image.js";
import { sam } from "./sam.js";

export const predictor = new SamPredictor(sam);
await predictor.setImage(image);
