import type { AnySpec } from './child-spec.ts'
import type { Request, SupervisorCommand } from './decision-shapes.ts'
import { childOf, find, put, type StaticChild, type StaticState } from './static-state.ts'

/**
 * A spec that changes while its supervisor runs, by the rules of OTP's `code_change`: the new flags hold at once; a child
 * that is in both specs has the new one from its next start or stop on; what is new is there, and not started; what is
 * missing is kept as it is, behind all others, until it ends with its supervisor or is deleted.
 */
export function changeSpec(s: StaticState, { id, spec }: Request & { is: 'changeSpec' }, out: SupervisorCommand[]): StaticState {
  const other = s.children.find((child) => spec.kind !== 'supervisor' || isOfOtherKind(child, spec.children))
  if (other !== undefined || spec.kind !== 'supervisor') {
    out.push({ do: 'reply', id, result: { ok: false, why: 'otherKind', name: other?.spec.name ?? spec.name } })
    return s
  }
  const listed = spec.children.map((next) => changed(find(s, next.name), next))
  const kept = s.children.filter(({ spec: old }) => !spec.children.some(({ name }) => name === old.name))
  out.push({ do: 'reply', id, result: { ok: true } })
  return { ...s, spec, children: [...listed, ...kept.map((child) => ({ ...child, added: true }))] }
}

/** A supervisor among the children has changed its own spec: whoever restarts it must know. */
export function adoptSpec(s: StaticState, spec: AnySpec): StaticState {
  const child = find(s, spec.name)
  if (child?.spec.kind !== spec.kind) return s
  const children = s.spec.children.map((old) => (old.name === spec.name && !child.added ? spec : old))
  return put({ ...s, spec: { ...s.spec, children } }, { ...child, spec })
}

function isOfOtherKind({ spec }: StaticChild, children: readonly AnySpec[]): boolean {
  return children.some(({ name, kind }) => name === spec.name && kind !== spec.kind)
}

/** A new one has no address yet: its start, by hand or with its group, is the first. */
function changed(old: StaticChild | undefined, next: AnySpec): StaticChild {
  return old === undefined ? { ...childOf(next, false), told: 'ended' } : { ...old, spec: next, added: false }
}
