/** Pages and tables made of results. */
export {
  differencesCsv,
  differenceTable,
  differenceText,
  entriesCsv,
  type Failed,
  failedTable,
  lineTable,
  over,
  seedTable,
  signed,
  validatorTable,
} from "./comparing/statistics-tables.ts";
export {
  type Headline,
  type ReportContent,
  type ReportData,
  type ReportFigure,
  type ReportMosaic,
  type ReportSplit,
  type ReportTable,
  reportHtml,
  writeReport,
} from "./report.ts";
