/**
 * A text that two values share if and only if a program cannot tell them apart: type, class, sign of zero, order of keys,
 * own properties, and which objects in them are the same object.
 */
export function fingerprint(value: unknown): string {
  return new Fingerprint().of(value)
}

class Fingerprint {
  readonly #numbers = new Map<object, number>()

  of(value: unknown): string {
    if (typeof value === 'object' && value !== null) return this.#ofObject(value)
    if (typeof value === 'function') return `function ${value.name}`
    if (typeof value === 'string')
      return JSON.stringify(Array.from({ length: value.length }, (_, i) => value.charCodeAt(i).toString(16)).join(' '))
    return `${typeof value} ${Object.is(value, -0) ? '-0' : String(value)}`
  }

  #ofObject(object: object): string {
    const known = this.#numbers.get(object)
    if (known !== undefined) return `#${known}`
    this.#numbers.set(object, this.#numbers.size)
    const prototype = Object.getPrototypeOf(object)
    const kind = prototype === null ? 'null' : prototype.constructor.name
    return `${kind}(${this.#contents(object)})${this.#properties(object)}`
  }

  #contents(object: object): string {
    if (object instanceof Date) return String(object.getTime())
    if (object instanceof RegExp) return `${object} at ${object.lastIndex}`
    if (object instanceof URL) return object.href
    if (object instanceof Map) return [...object].map(([key, value]) => `${this.of(key)}=>${this.of(value)}`).join()
    if (object instanceof Set) return [...object].map((each) => this.of(each)).join()
    if (object instanceof ArrayBuffer) return Buffer.from(object).toString('hex')
    if (ArrayBuffer.isView(object)) return Buffer.from(object.buffer, object.byteOffset, object.byteLength).toString('hex')
    if (object instanceof Error) return `${object.name}|${object.message}|${object.stack}|`
    if (Array.isArray(object)) return `length ${object.length}`
    return ''
  }

  #properties(object: object): string {
    if (ArrayBuffer.isView(object)) return ''
    const hidden = object instanceof Error ? ['cause', 'errors'].filter((key) => Object.hasOwn(object, key)) : []
    const keys = [...new Set([...hidden, ...Object.keys(object)])]
    return `{${keys.map((key) => `${JSON.stringify(key)}:${this.of((object as Record<string, unknown>)[key])}`).join()}}`
  }
}
