export const doctor = { schema: null };
