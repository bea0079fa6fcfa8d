/** Modules, layers, initialisation, optimisers, schedules, weight averages. */
export { ELU, PReLU, ReLU } from "./activations.ts";
export { updateAverage } from "./average.ts";
export { BatchNorm, type BatchNormOptions } from "./batchnorm.ts";
export { Conv2d, type Conv2dOptions } from "./conv2d.ts";
export { Dropout } from "./dropout.ts";
export { clipGradients } from "./gradient.ts";
export * as init from "./init.ts";
export { LayerNorm } from "./layernorm.ts";
export { Linear, type LinearOptions } from "./linear.ts";
export { Mlp, type MlpOptions } from "./mlp.ts";
export { type Loaded, type LoadOptions, Module } from "./module.ts";
export { Network } from "./network.ts";
export { AdamW, type AdamWOptions } from "./optim/adamw.ts";
export { Optimizer, type ParameterGroup, type Parameters } from "./optim/optimizer.ts";
export { SGD, type SGDOptions } from "./optim/sgd.ts";
export { AvgPool2d, GlobalAvgPool, MaxPool2d } from "./pooling.ts";
export { type CosineOptions, constant, cosine, type Schedule } from "./schedule.ts";
export { run, Sequential } from "./sequential.ts";
