/** Methods of domain adaptation, their contract, and the validators that choose an epoch without target labels. */

export { alignDistribution, interpolateLogits, muAt } from "./adamatch.ts";
export { type AddaSettings, adda, lossAdvD, lossAdvM } from "./adda.ts";
export { blockParameters, withHeld } from "./blocks.ts";
export { type BiasCorrected, biasCorrected, fitBiasCorrected } from "./calibration/bias-corrected.ts";
export {
  type Calibration,
  type Calibrator,
  calibrated,
  calibrations,
  calibratorSchema,
  correctPrior,
  fitCalibrator,
  targetPriorOf,
} from "./calibration/calibrator.ts";
export { fitIsotonic, type Isotonic, isotonicAt } from "./calibration/isotonic.ts";
export { fitTemperature, type Temperature } from "./calibration/temperature.ts";
export { multilinear, sureShares } from "./cdan.ts";
export { lossCls } from "./class-loss.ts";
export { covariance, lossCoral } from "./coral.ts";
export { mmdSquared } from "./discrepancy.ts";
export { Discriminator, discriminatorNumbers, discriminatorWidths } from "./discriminator.ts";
export { batchNormsOf } from "./domains.ts";
export { gradedNumber, gradedSettings, gradedTuning, lossGraded } from "./graded.ts";
export {
  type Alignment,
  Joint,
  type JointSettings,
  jointNumbers,
  jointSettings,
  jointTuning,
  type Pass,
} from "./joint.ts";
export { lossGrades, lossKinds, lossLabels } from "./kinds.ts";
export { bbse, classesAtBound, corrected, em } from "./label-shift.ts";
export { lossMcc } from "./mcc.ts";
export type {
  AnyTrainer,
  Batches,
  GradedBatch,
  GradedUse,
  ImageBatch,
  LabelledBatch,
  Method,
  MethodContext,
  Phase,
  SourceSettings,
  StepNumbers,
  StepPosition,
  Trainer,
  View,
} from "./method.ts";
export { method } from "./method.ts";
export type { NamesOf, NumberDeclaration, NumberDeclarations, NumberKind } from "./numbers.ts";
export { factorAt, optimizerOf, optimizing, optimizingTuning } from "./optimizing.ts";
export {
  estimatePriorOf,
  fitCalibration,
  type PriorEstimate,
  type PriorEstimator,
  priorEstimators,
} from "./prevalence.ts";
export { equalShares, priorRatio, sourceShares } from "./prior.ts";
export { methods } from "./registry.ts";
export { discriminatorShares, lambdaAt, lambdaNumber, lossDomain, reverseGradient } from "./reversal.ts";
export { contrast } from "./sda.ts";
export { lossBalance, lossCons, rampUp } from "./self-ensembling.ts";
export { type SinkhornOptions, sinkhornDivergence } from "./sinkhorn.ts";
export { sourceOnly } from "./source-only.ts";
export { type Part, Staged } from "./staged.ts";
export { joinStates, loadStates, type Stateful } from "./state.ts";
export {
  clip,
  encoderParameters,
  gradientNumbers,
  SupervisedStage,
  sourcePhase,
  supervisedNumbers,
  warmCosine,
} from "./supervised.ts";
export { macroAuroc, softAuroc } from "./validators/auroc.ts";
export { controlledRisk } from "./validators/dev.ts";
export { MIX, mixedPairs } from "./validators/mixval.ts";
export { DEFAULT_VALIDATOR, validators } from "./validators/registry.ts";
export type { Validator, ValidatorInput } from "./validators/validator.ts";
