/** What this thread may allocate before V8's next young collection. Takes some 10 µs. */
export function youngBytesLeft(): number {
  const spaces = process.getBuiltinModule('node:v8').getHeapSpaceStatistics()
  return spaces.find(({ space_name: name }) => name === 'new_space')?.space_available_size ?? 0
}
