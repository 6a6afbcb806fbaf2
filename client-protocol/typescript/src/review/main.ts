/** Starts the reviewer's page. Not a place for behaviour. */

import "../styles/base.css";
import "../styles/review.css";

import { Announcer } from "../page/announcer.ts";
import { required } from "../page/element.ts";
import { projectInAddress, showProblem } from "../page/problem.ts";
import { ProjectFollower } from "../http/stream.ts";
import { ReviewPage } from "./review-page.ts";

try {
  const project = projectInAddress();
  const page = new ReviewPage(project, new Announcer(required("announcements"), required("alerts")));
  new ProjectFollower(project, {
    onFeed: (feed) => { page.show(feed); },
    onConnection: (connection) => { page.showConnection(connection); },
    onRefused: showProblem,
  }).start();
} catch (problem) {
  showProblem(problem);
}
