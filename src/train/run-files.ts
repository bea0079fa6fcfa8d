/** Names of the files in a run's folder that tell what the folder is. */

export const CONFIG_FILE = "config.json";
/** The model of the chosen epoch; there once the run is trained. */
export const MODEL_FILE = "model.safetensors";
