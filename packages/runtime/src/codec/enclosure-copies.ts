import type { Copier } from './copier.ts'
import { FROZEN_PROTOTYPES, placeOf } from './frozen/views.ts'
import { isMarked, ownsMemory } from './moved.ts'
import { Refusal } from './refusal.ts'
import { mayBeShared } from './shared.ts'
import * as wire from './wire.ts'
import { Tagged } from './wire.ts'

/** What is written in the place of something that travels beside the message; undefined: this does not. */
export function enclosureCopy(copier: Copier, object: object, prototype: object): Tagged | undefined {
  if (ArrayBuffer.isView(object)) return viewCopy(copier, object, prototype)
  if (isMarked(object)) return movedCopy(copier, object)
  if (FROZEN_PROTOTYPES.includes(prototype)) return frozenCopy(copier, object)
  return undefined
}

function viewCopy(copier: Copier, view: ArrayBufferView, prototype: object): Tagged | undefined {
  const { buffer } = view
  if (buffer instanceof SharedArrayBuffer) {
    if (!mayBeShared(view)) return undefined
    return new Tagged([wire.SHARED, copier.enclose({ value: buffer, isMoved: false }), ...extentOf(view, prototype)])
  }
  // Part of a pool: it is copied.
  if (!isMarked(view) || !ownsMemory(view)) return undefined
  refuseDetached(buffer)
  return new Tagged([wire.MOVED_BYTES, copier.enclose({ value: buffer, isMoved: true }), ...extentOf(view, prototype)])
}

function extentOf(view: ArrayBufferView, prototype: object): readonly number[] {
  const kind = view instanceof DataView ? wire.DATA_VIEW_KIND : wire.BINARY_PROTOTYPES.indexOf(prototype)
  if (kind < 0) throw new Refusal('it is an instance of a subclass of a typed array.')
  return [kind, view.byteOffset, view.byteLength]
}

function movedCopy(copier: Copier, object: object): Tagged {
  const place = copier.enclose({ value: object, isMoved: true })
  if (!(object instanceof ArrayBuffer)) return new Tagged([wire.MOVED, place])
  refuseDetached(object)
  return new Tagged([wire.MOVED_BYTES, place, wire.ARRAY_BUFFER_KIND, 0, object.byteLength])
}

function refuseDetached(buffer: ArrayBuffer): void {
  try {
    ArrayBuffer.prototype.slice.call(buffer, 0, 0)
  } catch {
    throw new Refusal('its bytes have been moved elsewhere already (the ArrayBuffer is detached).')
  }
}

/** Either all of a frozen value or a part of it: both are a handle. */
function frozenCopy(copier: Copier, view: object): Tagged {
  const place = placeOf(view)
  if (place === undefined) throw new Refusal('it only looks like a frozen value.')
  const { table, kind, at } = place
  return new Tagged([wire.FROZEN, copier.enclose({ value: table.memory, isMoved: false }), kind, at, ...table.name])
}
