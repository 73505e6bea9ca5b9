export declare function add(n: number): number
export declare function work50(n: number): number
export declare function echo(bytes: Uint8Array): Uint8Array
export declare function isPrime(n: number): boolean
export declare function spin(micros: number): number
export function count(n: number): AsyncGenerator<number, void>
export function touch(bytes: Uint8Array): number
