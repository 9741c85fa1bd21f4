/**
 * Puts what several write at once one behind the other, in the order in which they took their turns. The
 * first of them is heard at once, the others when all before them have ended.
 */
export class Turns<Event> {
  readonly #hear: (event: Event) => void;
  readonly #turns: { held: Event[]; ended: boolean }[] = [];

  constructor(hear: (event: Event) => void) {
    this.#hear = hear;
  }

  take(): { write: (event: Event) => void; end: () => void } {
    const turn = { held: [] as Event[], ended: false };
    this.#turns.push(turn);
    return {
      write: (event) => {
        if (turn === this.#turns[0]) this.#hear(event);
        else turn.held.push(event);
      },
      end: () => {
        turn.ended = true;
        while (this.#turns[0]?.ended) {
          this.#turns.shift();
          for (const event of this.#turns[0]?.held.splice(0) ?? []) this.#hear(event);
        }
      },
    };
  }
}
