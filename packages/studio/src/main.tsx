import { API_VERSION } from "@segany/server/contract";

document.title = `Segany ${API_VERSION}`;
