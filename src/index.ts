/** The library in Node: what it gives away. */

export type { Card } from './classifier/card.ts';
export type { PredictionOptions, WithFeatures } from './classifier/classifier.ts';
export { Classifier, type Prediction, type Verification } from './classifier/classifier.ts';
export type { Detection, DetectionOptions, Heatmap } from './classifier/detector.ts';
export { writeSampleImages } from './demo/writeSample.node.ts';
export type { ErrorCode, ImageFailureCode } from './errors.ts';
export { CarafeError, ImageError } from './errors.ts';
export { type ExportOptions, exportClassifier } from './export/export.node.ts';
export { cacheContents, clearCache, pruneCache, verifyCache } from './features/cacheTools.node.ts';
export type { ExtractionProgress } from './features/extraction.ts';
export { pullCache, pushCache } from './features/shareCache.node.ts';
export type { OneClassHeadName } from './heads/oneClass/registry.ts';
export type { HeadName } from './heads/registry.ts';
export type { Limits } from './images/limits.ts';
export type { Photo } from './images/photo.node.ts';
export type { Evaluation, Interval, JudgedPhoto } from './metrics/evaluation.ts';
export type { WorkerOptions } from './queue/work.node.ts';
export type { BackbonesResult, CheckResult, GetResult } from './results/backbonesResult.ts';
export type { ApplyResult, DoctorResult, UndoResult } from './results/doctorResult.ts';
export type { DryRunResult } from './results/dryRunResult.ts';
export type { EditResult } from './results/editResult.ts';
export type { ExplainResult } from './results/explainResult.ts';
export type { ExportResult } from './results/exportResult.ts';
export type { ExtractResult, JobsResult, MergeResult, WorkerResult } from './results/extractResult.ts';
export type { InspectResult } from './results/inspectResult.ts';
export type { NextResult } from './results/nextResult.ts';
export type { OneClassEvaluateResult, OneClassResult } from './results/oneClassResult.ts';
export type { DetectResult, EvaluateResult, PredictResult, VerifyResult } from './results/predictResult.ts';
export type { StudyResult } from './results/studyResult.ts';
export type { AnyTrainResult, LabelsResult, TrainResult } from './results/trainResult.ts';
export type { VersionRow, VersionsResult } from './results/versionsResult.ts';
export { type EvaluateOptions, evaluateClassifier, type PredictOptions, predictPhotos } from './runs/answers.node.ts';
export type { ApplyOptions } from './runs/applyReview.ts';
export { detectPhotos, evaluateDetector, PhotoDetector } from './runs/detect.node.ts';
export { applyReview, doctor, serveDoctor, undoReview } from './runs/doctor.node.ts';
export type { DoctorOptions } from './runs/doctorTypes.ts';
export type { PhotoEdits } from './runs/edit.node.ts';
export type { ExplainOptions } from './runs/explain.ts';
export { type ExtractOptions, extract } from './runs/extract.node.ts';
export {
  backbones,
  checkBackbone,
  dryRun,
  editClassifier,
  explain,
  getBackbone,
  inspect,
  nextPhotos,
  study,
  train,
  trainOneClass,
  writeInspectReport,
} from './runs/library.node.ts';
export {
  type ClassifierSource,
  type LoadOptions,
  loadClassifier,
  loadDetector,
  loadFile,
  PhotoClassifier,
} from './runs/load.node.ts';
export { type MergeOptions, merge } from './runs/merge.node.ts';
export type { NextOptions } from './runs/next.ts';
export type { OneClassOptions, TrainOptions } from './runs/options.ts';
export { jobs, worker } from './runs/queue.node.ts';
export type { StudyRunOptions } from './runs/study.ts';
export type { Device, Pixels } from './runtime/platform.ts';
export type { ServeEvent } from './serve/events.ts';
export type { Running, ServeOptions } from './serve/options.ts';
export { serve } from './serve/serve.node.ts';
export type { Shard } from './shards/plan.node.ts';
export type { Precision } from './shards/vectors.ts';
export { version } from './version.ts';
export type { WatchEvent } from './watch/events.ts';
export { chooseVersion, versions } from './watch/journal.node.ts';
export { type WatchOptions, watch } from './watch/watch.node.ts';
