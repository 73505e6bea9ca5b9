/** What a command of this package was called with. */
export function programArguments(): string[] {
  return process.argv.slice(2)
}

export function print(text: string): void {
  console.log(text)
}

/** The program ends by itself, with that code. */
export function exitWith(code: number): void {
  process.exitCode = code
}
