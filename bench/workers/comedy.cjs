// Comedy loads its actors with require. Node 20.19 and later can require a module.
const { add, work50 } = require('../methods.mjs')

module.exports = class Echo {
  add(n) {
    return add(n)
  }

  work50(n) {
    return work50(n)
  }
}
