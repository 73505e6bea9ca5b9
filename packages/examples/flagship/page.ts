import { hash } from 'node:crypto'

const STYLE = `
:root { color-scheme: light dark; --ink: #1d2433; --soft: #667085; --line: #e4e7ec; --page: #f7f8fa; --card: #fff; --accent: #3b5bdb; --mark: #fff3bf; --ok: #2b8a3e; --busy: #e8590c }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e9ef; --soft: #98a2b3; --line: #2c3444; --page: #12161f; --card: #1a202c; --accent: #91a7ff; --mark: #5c4b00; --ok: #69db7c; --busy: #ffa94d } }
* { box-sizing: border-box }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, sans-serif }
main { display: grid; grid-template-columns: minmax(0, 1fr) 340px; gap: 24px; max-width: 1180px; margin: 0 auto; padding: 28px 20px }
@media (max-width: 860px) { main { grid-template-columns: minmax(0, 1fr) } }
header { grid-column: 1 / -1 }
h1 { margin: 0; font-size: 20px } h2 { margin: 0 0 10px; font-size: 13px; color: var(--soft); text-transform: uppercase; letter-spacing: .06em }
#folder, .path, .meta { color: var(--soft); font-size: 13px; overflow-wrap: anywhere }
input { width: 100%; padding: 12px 16px; font: inherit; font-size: 17px; color: inherit; background: var(--card); border: 1px solid var(--line); border-radius: 10px }
input:focus { outline: 2px solid var(--accent); border-color: transparent }
progress { width: 100%; height: 6px; margin: 12px 0 2px; border: 0; border-radius: 3px; overflow: hidden; background: var(--line); accent-color: var(--accent) }
progress::-webkit-progress-bar { background: var(--line) } progress::-webkit-progress-value { background: var(--accent) } progress::-moz-progress-bar { background: var(--accent) }
ol { list-style: none; margin: 16px 0 0; padding: 0 } li.hit, aside { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 14px 16px; margin-bottom: 12px }
.title { font-weight: 600 } .line { margin-top: 6px; padding: 6px 10px; border-radius: 6px; background: var(--page); font: 13px/1.5 ui-monospace, monospace; overflow-wrap: anywhere; white-space: pre-wrap }
mark { background: var(--mark); color: inherit; border-radius: 3px }
aside { align-self: start } table { width: 100%; border-collapse: collapse; font-size: 13px } th { text-align: right; font-weight: 500; color: var(--soft) } th:first-child, td:first-child { text-align: left }
td { padding: 3px 0; text-align: right; border-top: 1px solid var(--line); font-variant-numeric: tabular-nums } .dot { display: inline-block; width: 8px; height: 8px; margin-right: 7px; border-radius: 50%; background: var(--busy) } .running { background: var(--ok) }
.warn { color: var(--busy) }`

const SCRIPT = `
const $ = (id) => document.getElementById(id)
// Text from files and actors only ever becomes text: nothing here writes HTML.
const make = (tag, className, ...content) => {
  const element = document.createElement(tag)
  if (className) element.className = className
  element.append(...content)
  return element
}
const number = (value) => Number(value).toLocaleString('en')
const marked = (text, marks) => {
  const parts = []
  let end = 0
  for (const [from, to] of marks) {
    parts.push(text.slice(end, from), make('mark', '', text.slice(from, to)))
    end = to
  }
  return [...parts, text.slice(end)]
}
const hitOf = ({ title, path, snippet, excerpt, score }) => make('li', 'hit',
  make('div', 'title', title),
  make('div', 'path', path + (excerpt ? ':' + excerpt.line : '') + '  ·  ' + score.toFixed(2)),
  excerpt ? make('div', 'line', ...marked(excerpt.text, excerpt.marks)) : make('div', '', snippet))

let asked = 0
async function search() {
  const query = $('q').value.trim()
  const turn = ++asked
  if (query === '') return $('hits').replaceChildren(), $('found').replaceChildren()
  try {
    const response = await fetch('/search?q=' + encodeURIComponent(query))
    const answer = await response.json()
    if (turn !== asked) return
    if (!response.ok) throw new Error(answer.error)
    $('hits').replaceChildren(...answer.hits.map(hitOf))
    const late = answer.missing.length ? make('span', 'warn', ' · without ' + answer.missing.map(({ path }) => path).join(', ')) : ''
    $('found').replaceChildren(answer.hits.length ? 'best ' + answer.hits.length + ' in ' + answer.tookMs + ' ms' : 'nothing found yet', late)
  } catch (error) {
    if (turn === asked) $('found').replaceChildren(make('span', 'warn', String(error.message)))
  }
}

const rowsOf = (node, depth) => [
  ...(depth < 0 ? [] : [rowOf(node, depth)]),
  ...node.children.flatMap((child) => rowsOf(child, depth + 1)),
]
function rowOf(node, depth) {
  const name = make('td', '', make('span', 'dot ' + (node.state === 'running' ? 'running' : '')), node.name)
  name.style.paddingLeft = depth * 14 + 'px'
  name.title = node.path + (node.lastExit ? ' · last exit: ' + node.lastExit : '')
  const isActor = node.kind === 'actor'
  return make('tr', '', name, make('td', '', node.state), make('td', '', isActor ? number(node.mailboxDepth) : ''), make('td', '', isActor ? number(node.restarts) : ''))
}

let complete = false
async function look() {
  try {
    const { folder, progress, seconds, restarts, tree } = await (await fetch('/actors')).json()
    const total = progress.found
    $('folder').textContent = folder
    $('bar').max = Math.max(1, total)
    $('bar').value = progress.indexed
    $('state').textContent = number(progress.indexed) + ' of ' + number(total) + ' files · ' + (progress.bytesIndexed / 1e6).toFixed(1) + ' MB · '
      + number(progress.skipped) + ' skipped · ' + number(restarts) + ' restarts · ' + (progress.state === 'complete' ? 'complete after ' + seconds + ' s' : progress.state)
    $('tree').replaceChildren(...rowsOf(tree, -1))
    if (progress.state !== 'complete' || !complete) void search()
    complete = progress.state === 'complete'
  } catch {
    $('state').textContent = 'the service does not answer'
  }
  setTimeout(look, document.hidden ? 5000 : 700)
}
let typing
$('q').addEventListener('input', () => { clearTimeout(typing); typing = setTimeout(search, 120) })
void look()`

/** The whole page: nothing is loaded from elsewhere, and it reads what it shows from /actors and /search. */
export const PAGE = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Troupe: search</title><link rel="icon" href="data:,"><style>${STYLE}</style></head>
<body>
<main>
  <header><h1>Troupe</h1><div id="folder"></div></header>
  <section>
    <input id="q" type="search" placeholder="Search while it is being indexed, for example: promise" maxlength="200" aria-label="Search" autofocus>
    <progress id="bar" max="1" value="0" aria-label="Progress of indexing"></progress>
    <div id="state" class="meta"></div>
    <div id="found" class="meta" aria-live="polite"></div>
    <ol id="hits"></ol>
  </section>
  <aside>
    <h2>Actors</h2>
    <table><thead><tr><th>name</th><th>state</th><th>mailbox</th><th>restarts</th></tr></thead><tbody id="tree"></tbody></table>
  </aside>
</main>
<script>${SCRIPT}</script>
</body>
</html>
`

/** Only this very script and style run, whatever a file name contains. Styles on elements are set by the script. */
export const PAGE_POLICY = [
  "default-src 'none'",
  "connect-src 'self'",
  'img-src data:',
  `script-src 'sha256-${hash('sha256', SCRIPT, 'base64')}'`,
  `style-src 'sha256-${hash('sha256', STYLE, 'base64')}'`,
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')
