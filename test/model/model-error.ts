/** What the code under test, or a scenario, did wrong in the eyes of the model. */
export class ModelError extends Error {}
