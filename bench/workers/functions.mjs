// Piscina and Tinypool call the exported function of a name.
export { add, echo, work50 } from '../methods.mjs'
