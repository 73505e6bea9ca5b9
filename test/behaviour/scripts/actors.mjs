// What `actorsIn` gives, for scripts that plain Node runs: the class is loaded by its isolate only.
const NAMES = {
  victim: 'Victim',
  starters: undefined,
  hoarder: 'Hoarder',
  hanger: 'Hanger',
  killer: 'Killer',
  printer: 'Printer',
  slow: 'Slow',
  ender: 'Ender',
  recorder: 'Recorder',
  gate: 'Gate',
  speaker: 'Speaker',
  tooled: 'Tooled',
}

export function actor(module, name = NAMES[module]) {
  return { module: new URL(`../../actors/${module}.ts`, import.meta.url).href, name }
}
