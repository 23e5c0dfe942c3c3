const BAR_WIDTH = 30;
const LINE_EVERY_MS = 10_000;

/** Lines for people on stdout; progress on stderr, as a bar at the bottom of a terminal and as a line now and then elsewhere. */
export class Terminal {
  private bar = '';
  private saidAt = performance.now();

  /** With `quiet` nothing is written to stdout: it belongs to one line of JSON. */
  constructor(private readonly quiet: boolean) {}

  line(text = ''): void {
    if (this.quiet) return;
    this.erase();
    process.stdout.write(`${text}\n`);
    this.draw();
  }

  json(value: unknown): void {
    process.stdout.write(`${JSON.stringify(value)}\n`);
  }

  /** Something about the demo itself, also when stdout is quiet. */
  note(text: string): void {
    this.erase();
    process.stderr.write(`${text}\n`);
    this.draw();
  }

  /** `share` from 0 to 1. */
  progress(share: number, text: string): void {
    if (process.stderr.isTTY) {
      const full = Math.round(Math.min(1, share) * BAR_WIDTH);
      this.erase();
      this.bar = `[${'='.repeat(full)}${' '.repeat(BAR_WIDTH - full)}] ${text}`;
      this.draw();
    } else if (performance.now() - this.saidAt >= LINE_EVERY_MS) {
      this.saidAt = performance.now();
      process.stderr.write(`${Math.floor(share * 100)} % · ${text}\n`);
    }
  }

  endProgress(): void {
    this.erase();
    this.bar = '';
  }

  private erase(): void {
    if (this.bar !== '') process.stderr.write('\r\x1b[2K');
  }

  private draw(): void {
    if (this.bar !== '') process.stderr.write(this.bar);
  }
}
