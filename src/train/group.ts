/** The name of a method's or an encoder's group of settings: `selfEnsembling` for `self-ensembling`. */
export const groupOf = (name: string): string =>
  name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
