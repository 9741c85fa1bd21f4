import { block, type Frame, line } from './view.ts';

/** Where the demo shows itself: a terminal, in place, or plain lines. */
export class Screen {
  readonly #out: NodeJS.WriteStream;
  /** Lines of the block that stands at the bottom of the terminal. */
  #drawn = 0;

  constructor(out: NodeJS.WriteStream = process.stdout) {
    this.#out = out;
  }

  show(frame: Frame): void {
    if (!this.#out.isTTY) {
      this.#out.write(`${line(frame)}\n`);
      return;
    }
    this.#erase();
    // A line that wraps would be two, and the next frame would leave one of them standing.
    const lines = block(frame).map((one) => one.slice(0, this.#out.columns - 1));
    this.#out.write(`${lines.join('\n')}\n`);
    this.#drawn = lines.length;
  }

  /** Where to look, once; a terminal's block has it always. */
  introduce(links: readonly string[]): void {
    if (!this.#out.isTTY) for (const link of links) this.say(link);
  }

  /** A line that stays, above the block. */
  say(text: string): void {
    this.#erase();
    this.#out.write(`${text}\n`);
  }

  #erase(): void {
    if (this.#drawn > 0) this.#out.write(`\x1b[${this.#drawn}A\x1b[J`);
    this.#drawn = 0;
  }
}
