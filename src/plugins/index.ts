/** Plug-ins: methods, encoders, validators, surveys and preprocessings from files outside Arclet. */
export { loadedPlugins, type PluginFile } from "../foundation/plugins.ts";
export { between, decade, evenly, type Tuning } from "../foundation/tuning.ts";
export {
  loadPlugins,
  registerEncoder,
  registerMethod,
  registerPreprocessing,
  registerSurvey,
  registerValidator,
} from "./load.ts";
export {
  type AnyEncoder,
  type AnyMethod,
  type AnyPreprocessing,
  definePlugin,
  type Plugin,
} from "./plugin.ts";
