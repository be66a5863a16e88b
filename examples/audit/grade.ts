/** An ordinary step: counts the votes. The risk most reviewers see; of equals the higher; the others are kept. */
import { RISKS, type Grade, type Vote } from "./findings.ts";

/** `undefined` stands for a reviewer that failed: an abstention, which is no vote for anything. */
export function countVotes(cast: readonly (Vote | undefined)[]): Grade {
  const votes = cast.filter((vote) => vote !== undefined);
  const tally = RISKS.map((risk) => votes.filter((vote) => vote.risk === risk).length);
  const most = Math.max(...tally);
  const risk = votes.length === 0 ? null : (RISKS[tally.lastIndexOf(most)] ?? null);
  return {
    risk,
    votes,
    dissent: votes.filter((vote) => vote.risk !== risk),
    abstained: cast.length - votes.length,
  };
}
