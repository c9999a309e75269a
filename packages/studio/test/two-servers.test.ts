/** A browser goes on when its server is killed: another one has all that the first had. */
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { findChromium } from "../../../scripts/testing/find-chromium.mjs";
import { findPostgres } from "../../../scripts/testing/postgres.mjs";
import { findRedis } from "../../../scripts/testing/redis.mjs";
import { openSharedServers, type SharedServers } from "./shared-servers.js";
import type { StudioPage } from "./studio-site.js";

const PASSWORD = "correct horse";
const canRun = findChromium() && findPostgres() && findRedis();

const rows = ({ page }: StudioPage) => page.locator(".object-row .row-title");

describe.skipIf(!canRun)("a session over two servers", () => {
  let servers: SharedServers;
  beforeAll(async () => {
    servers = await openSharedServers();
  });
  afterAll(() => servers?.site.close());

  /** What a job of everything mode is, as the page asks for it. */
  const job = ({ page }: StudioPage, path: string, method = "GET") =>
    page.evaluate(
      async ([url, how]) => {
        const answer = await fetch(url!, {
          method: how!,
          ...(how === "POST" && {
            headers: { "content-type": "application/json" },
            body: '{"pointsPerSide":8}',
          }),
        }).catch(() => undefined);
        return answer?.ok ? ((await answer.json()) as { id: string; state: string }) : undefined;
      },
      [path, method],
    );

  it("keeps the masks of an image, and finishes a job, when the server is killed", async () => {
    const studio = await servers.site.open();
    await studio.page.getByRole("option", { name: "still-life.jpg" }).click();
    await studio.page.getByText("Click an object.").waitFor();
    await studio.click(610, 430);
    await studio.page.keyboard.press("Enter");
    await expect.poll(() => rows(studio).count()).toBe(1);
    const image = await studio.page.evaluate(async () => {
      const { images } = await (await fetch("v1/images")).json();
      return images[0].id as string;
    });
    const begun = (await job(studio, `v1/images/${image}/segment`, "POST"))!;
    await servers.kill();
    await studio.click(765, 300);
    await studio.page.keyboard.press("Enter");
    await expect.poll(() => rows(studio).count()).toBe(2);
    await studio.page.reload();
    await studio.page.getByRole("option", { name: "still-life.jpg" }).click();
    await expect.poll(() => rows(studio).count()).toBe(2);
    await expect.poll(async () => (await job(studio, `v1/jobs/${begun.id}`))?.state).toBe("done");
    const { masks } = (await job(studio, `v1/jobs/${begun.id}/masks`)) as unknown as { masks: object[] };
    expect(masks.length).toBeGreaterThan(0);
    await studio.close();
    await servers.startAgain();
  });

  it("keeps one of two lists that two servers are sent at the same moment, each time", async () => {
    let version = "";
    const put = (url: string, name: string) =>
      fetch(new URL("v1/classes", url), {
        method: "PUT",
        headers: {
          "content-type": "application/json",
          ...(version === "" ? { "if-none-match": "*" } : { "if-match": version }),
        },
        body: JSON.stringify({ classes: [{ id: randomUUID(), name, colour: 0, merged_ids: [] }] }),
      });
    for (let round = 0; round < 10; round++) {
      const answers = await Promise.all(servers.urls().map((url, i) => put(url, `${round} ${i}`)));
      expect(answers.map(({ status }) => status).sort()).toEqual([204, 412]);
      version = answers.find(({ status }) => status === 204)!.headers.get("etag")!;
      for (const url of servers.urls())
        expect((await fetch(new URL("v1/classes", url))).headers.get("etag")).toBe(version);
    }
  });

  it("keeps an annotator signed in, and what the annotator has made", async () => {
    await servers.segany(["users", "add", "olga", "--administrator"], PASSWORD);
    await servers.segany(["users", "role", "olga", "owner", "--project", "photos"]);
    const olga = await startWork();
    await olga.click(610, 430);
    await olga.page.keyboard.press("Enter");
    await servers.kill();
    await olga.click(765, 300);
    await olga.page.keyboard.press("Enter");
    await expect.poll(() => rows(olga).count()).toBe(2);
    await olga.page.getByText(/kept in this browser/).waitFor({ state: "detached" });
    await olga.page.reload();
    await olga.page.getByText("Click an object.").waitFor(); // no sign-in
    await expect.poll(() => rows(olga).count()).toBe(2);
    await olga.close();
    const elsewhere = await startWork(); // a browser that has kept nothing
    await expect.poll(() => rows(elsewhere).count()).toBe(2);
    await elsewhere.close();
  });

  async function startWork(): Promise<StudioPage> {
    const opened = await servers.site.open({ path: "projects.html" });
    const { page } = opened;
    await page.getByLabel("Name").fill("olga");
    await page.getByLabel("Password").fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("link", { name: /^photos/ }).click();
    await page.getByRole("link", { name: "Label next image" }).click();
    await page.getByText("Click an object.").waitFor();
    return opened;
  }
});
