/** A fenced block of a Markdown file. */
export interface CodeBlock {
  readonly language: string
  readonly text: string
  readonly line: number
}

const FENCE = /^```(\S*)[^\n]*\n([\s\S]*?)^```$/gm

export function codeBlocks(markdown: string): CodeBlock[] {
  return [...markdown.matchAll(FENCE)].map((match) => ({
    language: match[1]!,
    text: match[2]!,
    line: markdown.slice(0, match.index).split('\n').length,
  }))
}

export function withoutCode(markdown: string): string {
  return markdown.replaceAll(FENCE, '').replaceAll(/`[^`\n]*`/g, '')
}

/** `[text](target)`, as they are written. */
export function linkTargets(markdown: string): string[] {
  return [...withoutCode(markdown).matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1]!)
}

/** The anchors of the headings, as GitHub makes them. */
export function anchors(markdown: string): string[] {
  return [...markdown.replaceAll(FENCE, '').matchAll(/^#+ (.+)$/gm)].map((match) =>
    match[1]!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}
