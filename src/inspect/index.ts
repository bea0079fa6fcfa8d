/** A search in the browser: objects, grades, and the server that shows them. */
export { type InspectConfig, inspectConfig } from "./config.ts";
export type { Entry } from "./entry.ts";
export type { Judgement } from "./grader-part.ts";
export { GRADES, type Grade, KINDS, type Kind } from "./grades.ts";
export { writeGrades } from "./grades-table.ts";
export { Grading } from "./grading.ts";
export { readEntries } from "./journal.ts";
export { type Objects, openObjects } from "./objects.ts";
export { Search } from "./search.ts";
