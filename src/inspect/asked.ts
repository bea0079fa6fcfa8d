/** What is known of a request, and the rules that all answers follow. */

export interface Rules {
  /** Whether scores are shown before an object is graded. */
  showScores: boolean;
  readOnly: boolean;
}

/** What the door says of a request. */
export interface Asked {
  Variables: { grader: string };
}
