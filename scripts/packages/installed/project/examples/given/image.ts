import { readImage } from "@segany/sam";

/** 1200 x 800 pixels; a pear is at (610, 430). */
export const image = await readImage("examples/still-life.jpg");
