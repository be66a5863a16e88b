import { expect, test } from "vitest";
import { Play, refOf } from "../testing/heart.ts";
import { seenBy } from "./seen.ts";

test("an own need that was skipped hides the outer need of its name all the same", () => {
  const play = new Play({
    tutti: "1",
    id: "w",
    version: "1",
    steps: {
      outer: { kind: "task", run: { code: "outer.run" } },
      route: {
        kind: "choose",
        needs: { page: "outer", title: "outer" },
        by: { code: "route.by" },
        branches: {
          a: {
            steps: {
              inner: { kind: "task", run: { code: "inner.run" }, onError: { validation_error: "skip" } },
              last: { kind: "task", needs: { page: "inner" }, run: { code: "last.run" } },
            },
          },
        },
      },
    },
  });
  play.do({ type: "admit" });
  play.complete("outer", "from outside");
  play.choose("route", "a");
  play.fail("route:a/inner");
  expect(play.statuses()["route:a/inner"]).toBe("handled");
  expect(seenBy(play.run, play.instance("route:a/last"))).toEqual([{ name: "title", output: refOf("from outside") }]);
});
