import { Injectable } from '@nestjs/common';

const GUESSES_A_MINUTE = 30;
const MINUTE_MS = 60_000;
const REMEMBERED = 10_000;

/** Who asks for links that do not exist is told to wait: nobody shall try for free. A token cannot be found by trying, whoever may try. */
@Injectable()
export class GuessLimit {
  private guesses = new Map<string, number>();
  private startedAt = performance.now();

  /** A token that is none was asked for from this address. */
  count(address: string): void {
    this.turn();
    if (this.guesses.has(address) || this.guesses.size < REMEMBERED)
      this.guesses.set(address, (this.guesses.get(address) ?? 0) + 1);
  }

  isOver(address: string): boolean {
    this.turn();
    return (this.guesses.get(address) ?? 0) >= GUESSES_A_MINUTE;
  }

  private turn(): void {
    if (performance.now() - this.startedAt < MINUTE_MS) return;
    this.startedAt = performance.now();
    this.guesses = new Map();
  }
}
