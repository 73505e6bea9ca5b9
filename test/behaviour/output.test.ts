import { ActorSystem, type LogLine, pinoSink } from '@troupe/runtime'
import pino from 'pino'
import { expect, test } from 'vitest'
import { Speaker } from '../actors/speaker.ts'
import { collect, eventually, next, rejection, startSystem } from './scene.ts'
import { runScript } from './script.ts'

test('output: console, standard output and error and the log arrive in the order in which they were written, with the path', async () => {
  const system = await startSystem()
  const said: string[] = []
  system.events.on('output', ({ path, stream, text }) => said.push(`${path} ${stream} ${JSON.stringify(text)}`))
  system.events.on('log', ({ path, level, message }) => said.push(`${path} ${level} ${message}`))
  const logged = collect(system, 'log')
  const ref = await system.spawn(Speaker, { name: 'speaker' })
  await ref.ask.speak()
  await eventually(() => expect(said).toHaveLength(5))
  expect(said).toEqual([
    '/user/speaker stdout "one { two: 2 }\\n"',
    '/user/speaker stderr "three\\n"',
    '/user/speaker stdout "fo"',
    '/user/speaker warn five',
    '/user/speaker stdout "ur\\neight"',
  ])
  const [line] = logged as [LogLine]
  expect(line).toMatchObject({ incarnation: 1, fields: { ms: 5, send: 'the function send' } })
  expect(line.fields['err']).toBeInstanceOf(TypeError)
  expect(Math.abs(Date.now() - line.timeMs)).toBeLessThan(3_600_000)
})

test('output: what was written before a kill in an endless loop arrives whole, and before the exit is told', async () => {
  const system = await startSystem()
  let text = ''
  const seen: string[] = []
  system.events.on('output', (event) => (text += event.text))
  system.events.on('log', ({ message }) => seen.push(message))
  system.events.on('exited', ({ path }) => seen.push(path))
  const ref = await system.spawn(Speaker, { name: 'speaker' })
  const asked = rejection(ref.ask({ timeoutMs: 60_000 }).speakAndSpin(500))
  await eventually(async () => expect((await system.inspect(ref))!.loopActiveMs).toBeGreaterThan(0))
  await eventually(() => expect(seen).toContain('the end'))
  const ended = next(system, 'exited', ref.path)
  await system.kill(ref)
  await Promise.all([asked, ended])
  expect(text).toBe(Array.from({ length: 500 }, (_, i) => `line ${i}\n`).join(''))
  expect(seen).toEqual(['the end', '/user/speaker'])
})

test('output: a flood is cut, and what was cut is counted in its place: nothing is missing in between', async () => {
  const system = await startSystem()
  const lines = 5_000
  const numbers: number[] = []
  let cut = 0
  system.events.on('output', ({ text, cutLines }) => {
    cut += cutLines
    if (cutLines > 0) return expect(text).toBe(`… ${cutLines} lines were cut here: /user/speaker writes faster than they can be shown\n`)
    numbers.push(Number(text.split(' ')[0]))
  })
  const ref = await system.spawn(Speaker, { name: 'speaker' })
  // This thread takes nothing meanwhile: the actor is not held up by that.
  expect(ref.askSync({ timeoutMs: 60_000 }).flood(lines)).toBe(lines)
  await eventually(() => expect(numbers.length + cut).toBe(lines))
  expect(cut).toBeGreaterThan(0)
  expect(numbers).toEqual([...numbers].sort((a, b) => a - b))
})

test('output: what nobody listens to goes to the output of the process, each line with its path', async () => {
  const { code, output, errors } = await runScript('speaks.mjs')
  expect(output.split('\n')).toEqual([
    '[/user/speaker] one { two: 2 }',
    expect.stringMatching(/^\[\/user\/speaker\] WARN five \{"ms":5,"err":"TypeError: six.*","send":"the function send"\}$/),
    '[/user/speaker] four',
    '[/user/speaker] eight',
    'stopped',
    '',
  ])
  expect(errors).toBe('[/user/speaker] three\n')
  expect(code).toBe(0)
})

test('log: pino gets each line with its level, fields, error and actor', async () => {
  const lines: Record<string, unknown>[] = []
  const logger = pino({ base: null }, { write: (text: string) => void lines.push(JSON.parse(text)) })
  const system = await startSystem()
  system.events.on('log', pinoSink(logger))
  const ref = await system.spawn(Speaker, { name: 'speaker' })
  await ref.ask.speak()
  await eventually(() => expect(lines).toHaveLength(1))
  expect(lines[0]).toMatchObject({
    level: 40,
    actor: '/user/speaker',
    incarnation: 1,
    msg: 'five',
    ms: 5,
    err: { type: 'TypeError', message: 'six', stack: expect.stringContaining('speaker.ts') },
  })
})

test('log: a line whose arguments are in the order of pino, or no text at all, loses nothing', async () => {
  const system = await startSystem()
  const logged = collect(system, 'log')
  const ref = await system.spawn(Speaker)
  await ref.ask.speakOutOfOrder()
  await eventually(() => expect(logged).toHaveLength(4))
  expect(logged.map(({ message, fields }) => [message, fields])).toEqual([
    ['slow', { ms: 5 }],
    ['', { ms: 6 }],
    ['no line', { err: new RangeError('no line') }],
    ['undefined', {}],
  ])
})

test('log: the level of the system says what goes anywhere; a wrong one is refused', async () => {
  const system = await startSystem({ logLevel: 'debug' })
  const logged = collect(system, 'log')
  const ref = await system.spawn(Speaker)
  await ref.ask.speak()
  await eventually(() => expect(logged.map(({ level }) => level)).toEqual(['warn', 'debug']))
  expect(await ref.ask.levels()).toEqual([true, true, true])
  const wrong = await rejection(ActorSystem.start({ name: 'test', logLevel: 'warning' as 'warn' }))
  expect(wrong.message).toBe("logLevel is 'warning', and must be one of trace, debug, info, warn, error, fatal, silent.")
})

test('environment: what an actor changes in it, nobody else sees', async () => {
  const system = await startSystem({ spares: 1 })
  const [one, other] = [await system.spawn(Speaker), await system.spawn(Speaker)]
  expect(await one.ask.setEnv('TROUPE_TEST', 'inside')).toBe('inside')
  expect(process.env['TROUPE_TEST']).toBeUndefined()
  expect(await other.ask.env('TROUPE_TEST')).toBeUndefined()
})
