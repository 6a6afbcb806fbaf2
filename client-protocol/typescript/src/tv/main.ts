/** Starts the TV page. Not a place for behaviour. */

import "../styles/base.css";
import "../styles/tv.css";

import { ProjectFollower } from "../http/stream.ts";
import { projectInAddress, showProblem } from "../page/problem.ts";
import { Pairing } from "./pairing.ts";
import { Screening } from "./screening.ts";

try {
  const project = projectInAddress();
  const screening = new Screening(project);
  new ProjectFollower(project, {
    onFeed: (feed) => { screening.follow(feed); },
    onConnection: (connection) => { screening.showConnection(connection); },
    onRefused: (problem) => {
      if (problem.status === 401) {
        new Pairing(() => { location.reload(); }).run().catch(showProblem);
      } else {
        showProblem(problem);
      }
    },
  }).start();
} catch (problem) {
  showProblem(problem);
}
