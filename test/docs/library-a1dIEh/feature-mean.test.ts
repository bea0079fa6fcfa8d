import { test } from "node:test";
import { checkMethod } from "/work/main/src/testing/index.ts";
import { featureMean } from "./feature-mean.ts";

test("feature-mean keeps every promise", () => checkMethod(featureMean));
